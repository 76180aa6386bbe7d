"""The floor plan as an editor."""
