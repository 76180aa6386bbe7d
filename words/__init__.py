"""Words and money as people read them."""
