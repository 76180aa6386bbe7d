"""The store as pages and the API show it: structs in the reader's language."""
