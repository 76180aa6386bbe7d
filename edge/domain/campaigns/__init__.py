"""Campaigns: what is cheaper, and how often it was."""
