"""What the store knows and decides: a folder for each noun, and one list of them (`edge.domain.nouns`)."""
