"""Which catalogue is in force."""
