"""What staff have brought to the store: each their own, a manager everybody's."""
