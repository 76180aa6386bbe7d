"""What each screen of the kiosk looks like: a module for each, with `SAMPLES`; every one is measured."""
