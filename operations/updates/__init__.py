"""Another version of Storekeeper on this box: found, proven, tried out, and kept or left again."""
