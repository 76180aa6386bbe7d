"""`/b/{code}` and `/handover`: a basket comes to this phone, or goes from it."""
