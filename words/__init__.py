"""Words and money as people read them: `<language>/<area>.toml`, and what makes sentences of them."""
