"""The staff page."""
