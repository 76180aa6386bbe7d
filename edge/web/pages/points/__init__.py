"""A member's points."""
