"""Touchpoints and their codes."""
