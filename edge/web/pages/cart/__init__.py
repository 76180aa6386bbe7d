"""The page of a cart."""
