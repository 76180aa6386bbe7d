"""Locker banks, their doors, and the parcels in them."""
