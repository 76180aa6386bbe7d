"""The store's own certificate authority: what it is, what it signs, and when that is renewed."""
