"""The composition root, which knows every part: settings become parts, and the parts a store that is open."""
