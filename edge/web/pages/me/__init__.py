"""What is whose."""
