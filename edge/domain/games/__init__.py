"""Games of chance at screens and phones, whose draws anybody can check."""
