"""What a camera sees."""
