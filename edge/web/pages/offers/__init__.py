"""The pages of a zone's offers, and of one coupon."""
