"""What a game promised, how it came out, and how anybody checks it."""
