"""What shoppers agree to."""
