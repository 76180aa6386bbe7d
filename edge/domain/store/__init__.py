"""What the store consists of: zones, keys, clocks."""
