"""The time on the store's wall, and its country, as `store.toml` says it, whatever else is wrong there."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

from edge.settings import store_time

REGION: Final = "CN"
"""Of a store that names none."""


def ends_in_store_time(raw: dict[str, Any]) -> None:
    """Give the ends of offers that name no zone the store's, as far as it can be told."""
    zone, coupons = raw_zone(raw), raw.get("coupons")
    if zone is None or not isinstance(coupons, list):
        return
    for coupon in coupons:
        if isinstance(coupon, dict) and "ends_at" in coupon:
            coupon["ends_at"] = store_time.with_zone(coupon["ends_at"], zone)


def raw_zone(raw: dict[str, Any]) -> tzinfo | None:
    """The time on the store's wall; none where it cannot be told, a mistake that is told elsewhere."""
    store = raw.get("store")
    if not isinstance(store, dict):
        return None
    try:
        return store_time.zone_info(store_time.checked_zone(store["timezone"]) if "timezone" in store else _zone(store))
    except (ValueError, TypeError, AttributeError):
        return None


def raw_region(raw: dict[str, Any]) -> str:
    """The country that the store names, good or not."""
    store = raw.get("store")
    return str(store.get("region", REGION)) if isinstance(store, dict) else REGION


def _zone(store: dict[str, Any]) -> str:
    return store_time.of_region(store.get("region", REGION))
