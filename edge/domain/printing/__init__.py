"""Slips, their queue, and the printers."""
