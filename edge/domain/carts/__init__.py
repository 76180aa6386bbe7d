"""Carts: unlocked, ridden, brought back; and their care."""
