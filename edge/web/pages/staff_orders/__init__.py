"""Orders at staff's desk and at the exit: found, checked, taken back."""
