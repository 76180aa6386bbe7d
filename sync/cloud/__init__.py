"""The receiving side: takes what the stores send, keeps it, and shows it."""
