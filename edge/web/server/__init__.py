"""How pages and API are served: listeners, connections, the guard, and the fast path."""
