"""What store IT sees of the box, and what to do about it."""
