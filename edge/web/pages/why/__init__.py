"""Why: one tap from a price, an offer or a refusal to the rule behind it."""
