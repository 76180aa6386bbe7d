"""The welcome at the door."""
