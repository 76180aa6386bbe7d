"""Members: who they are, what they agreed to, their sessions and codes."""
