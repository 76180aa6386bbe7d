"""What is so on this box, and what to do about it: for `storekeeper doctor`, the page `/it` and whoever is on call."""
