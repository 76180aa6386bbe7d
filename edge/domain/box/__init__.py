"""What store IT did to the box, and what the box did by itself."""
