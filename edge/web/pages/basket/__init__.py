"""The shopper's basket."""
