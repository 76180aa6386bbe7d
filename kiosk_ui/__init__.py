"""The Kivy touch screen of a store: a device on the bus that shows its zone's coupons.

Only `window`, `layer`, `widgets` and each screen's `widget` know Kivy; everything else decides without a window.
"""
