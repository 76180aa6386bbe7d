"""A phone at a game that a screen shows."""
