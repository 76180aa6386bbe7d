"""The staff page of screens."""
