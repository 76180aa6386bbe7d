"""Devices: presence and what they report."""
