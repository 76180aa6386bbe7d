"""The member's own code."""
