"""The phones of a member."""
