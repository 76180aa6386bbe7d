"""What each screen of the kiosk looks like: a module for each, with `SAMPLES`. Every one is measured in every language."""
