"""What a phone shows that has lost the store's network."""
