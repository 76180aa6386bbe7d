"""From an empty box to a store that opens: what `storekeeper setup` asks, writes, and leaves as it is."""
