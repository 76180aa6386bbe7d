"""What a later version recorded something about."""
