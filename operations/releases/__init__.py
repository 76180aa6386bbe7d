"""Settings of a store as releases: checked, tried, taken back; and whether a store is well after a change."""
