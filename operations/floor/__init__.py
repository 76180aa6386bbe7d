"""What stands where in a store: changed in its settings as a person would, and brought into force."""
