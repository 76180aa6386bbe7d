"""What the store holds of a shopper."""
