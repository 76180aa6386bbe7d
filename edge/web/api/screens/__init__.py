"""`/api/v1/screens`: what a screen asks for whoever stands before it. One file a topic."""
