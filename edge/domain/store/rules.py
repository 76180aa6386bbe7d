"""Times that move with the store's clock.

Times at which something began, and from which a rule counts, move with the clock when it is set: a parcel that lay for
an hour has lain for an hour, whatever the clock says now. Dates that somebody chose do not move.
"""

from __future__ import annotations

from typing import Final

MINUTE_MS: Final = 60_000

ELAPSING: Final[dict[str, tuple[str, ...]]] = {
    "baskets": ("opened_ms", "changed_ms", "age_ms"),
    "awaited": ("at_ms",),
    "basket_holds": ("held_ms", "until_ms"),
    "basket_lines": ("added_ms",),
    "box_words": ("at_ms",),
    "campaign_reserved": ("until_ms",),
    "cart_care": ("low_ms", "find_ms", "late_ms"),
    "cart_deposits": ("returned_ms",),
    "carts": ("changed_ms",),
    "promoted": ("at_ms",),
    "flapping": ("since_ms", "last_ms"),
    "grants": ("granted_ms", "ended_ms", "home_ms"),
    "calls": ("called_ms", "changed_ms"),
    "coupon_claims": ("claimed_ms",),
    "device_events": ("last_ms",),
    "devices": ("changed_ms",),
    "doors": ("opened_ms", "closed_ms", "fault_ms", "out_ms"),
    "doors_away": ("out_ms",),
    "kin": ("staff_ms",),
    "links": ("at_ms", "parted_ms"),
    "locker_troubles": ("since_ms",),
    "birthdays": ("named_ms",),
    "members": ("registered_ms", "named_ms"),
    "missed_events": ("since_ms", "until_ms"),
    "notices": ("at_ms",),
    "openings": ("granted_ms", "ended_ms"),
    "parked_baskets": ("until_ms", "taken_ms"),
    "parcels": ("begun_ms", "changed_ms", "due_ms"),
    "orders": ("at_ms", "handed_ms", "audit_ms"),
    "payments": ("asked_ms", "changed_ms", "until_ms"),
    "print_attempts": ("begun_ms", "asked_ms", "ended_ms"),
    "print_jobs": ("ordered_ms", "since_ms", "retry_ms", "expires_ms"),
    "refunds": ("at_ms", "since_ms"),
    "scans": ("last_ms",),
    "sessions": ("opened_ms",),
    "staff_sessions": ("since_ms",),
    "staff_tries": ("failed_ms",),
    "surplus_payments": ("since_ms",),
    "to_fetch": ("ready_ms", "since_ms"),
    "trusted_payments": ("at_ms",),
    "wrong_codes": ("last_ms", "until_ms"),
    "out_of_order": ("since_ms",),
    "seen_to": ("at_ms",),
}
"""By table: moments from which a rule counts."""
