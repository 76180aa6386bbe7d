"""A refusal as a page."""
