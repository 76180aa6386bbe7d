"""The page of a bank of lockers."""
