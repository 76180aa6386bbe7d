"""The daily comparison: what devices, store and cloud each have of one day, and every difference by its id."""
