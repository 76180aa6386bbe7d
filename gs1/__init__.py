"""GS1's numbers and data: what biip leaves out. It knows nothing of a store."""
