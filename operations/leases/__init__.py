"""Parts of shared budgets, asked of the cloud."""
