"""HTTP requests to others: each ends, however slowly or endlessly the other side answers."""
