"""`/t/{code}`: what every page of a code has."""
