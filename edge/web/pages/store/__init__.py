"""The store page."""
