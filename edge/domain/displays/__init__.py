"""Displays: what stood on which screen and for how long, and secret looks at whether that is so."""
