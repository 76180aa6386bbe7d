"""The phone's camera."""
