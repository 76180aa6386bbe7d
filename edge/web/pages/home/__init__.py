"""A shopper's home."""
