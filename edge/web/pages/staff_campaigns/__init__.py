"""Campaigns, for staff: what runs, what it has cost; stop one, try a basket."""
