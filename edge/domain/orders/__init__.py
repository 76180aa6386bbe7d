"""Orders: a basket that was paid, its receipt, the check at the exit, and what comes back of it."""
