"""Staff, the calls to them, and what they keep in order."""
