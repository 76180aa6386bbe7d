"""An outage that is made on purpose while the store works, and judged by the store's own targets."""
