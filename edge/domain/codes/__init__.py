"""What a code means that was read."""
