"""Help, and a call for staff."""
