"""What was bought: the list, and one order with its code for the exit."""
