"""Copies of a store that outlive its box, and the way back from one."""
