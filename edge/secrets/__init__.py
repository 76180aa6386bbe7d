"""Keys, passwords and tokens of one store, in `<data>/secrets/`."""
