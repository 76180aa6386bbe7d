"""Prices of a basket: campaigns, coupons, points and tax, as one pure function."""
