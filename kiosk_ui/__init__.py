"""The Kivy touch screen of a store: a device on the bus that shows its zone's coupons.

`flow`, `desired`, `texts`, `grid`, `theme` and `picture` know nothing of Kivy; only `window`, `screens` and `widgets`
draw.
"""
