"""A member's coupons and parcels."""
