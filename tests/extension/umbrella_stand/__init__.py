"""A stand that lends umbrellas: one tap on a phone frees one, and it comes back to its place."""
