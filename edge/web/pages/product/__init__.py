"""The pages of products."""
