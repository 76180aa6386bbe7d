"""The settings of one store: files, typed values, mistakes in words."""
