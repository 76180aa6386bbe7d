"""What shoppers can do, once for the form and once for the API."""
