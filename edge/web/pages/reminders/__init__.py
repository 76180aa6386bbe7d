"""What ends, what waits, and what a shopper was told of it."""
