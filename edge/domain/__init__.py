"""What the store knows and decides: one noun, one file. A new noun is one new file, its test, and one line here."""

from edge.domain import carts, coupons, devices, members, printing, staff, touchpoints, upkeep, zones

NOUNS = (
    zones.NOUN,
    devices.NOUN,
    touchpoints.NOUN,
    members.NOUN,
    coupons.NOUN,
    carts.NOUN,
    upkeep.NOUN,
    printing.NOUN,
    staff.NOUN,
)
