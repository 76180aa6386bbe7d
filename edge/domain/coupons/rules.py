"""The rules of coupons, as data and plain functions."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Final, NamedTuple

import msgspec

from edge.domain.setting import SHARE, Setting


class ClaimRules(msgspec.Struct, frozen=True):
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""

    live_code: Annotated[int, Setting(ge=1, le=1000)] = 8
    """How many phones one code of a screen serves, in the 30 to 60 seconds that it lives. Raise it for a big screen."""
    printed_an_hour: Annotated[int, Setting(ge=1, le=1_000_000)] = 120
    """How many of one coupon people without a proven number may save within an hour with printed codes."""
    printed_share: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.5
    """What share of a coupon's stock they may have with printed codes; the rest is saved at the zone's screen. In zones
    without a screen that works it does not count."""


class Hand(msgspec.Struct, frozen=True):
    """The phone and the code that a coupon is claimed with."""

    touchpoint: str
    """Whose code it is."""
    live: str = ""
    """Names the live code; "" where it is printed."""
    browser: str = ""
    """The phone's own random name."""
    proven: bool = False
    """Whether the member's number was proven."""


CLAIMABLE: Final = ("screen", "shelf", "coupon")
"""Purposes whose code lets a shopper claim coupons."""
HOUR_MS: Final = 3_600_000


class Claim(msgspec.Struct, frozen=True):
    """The coupon is in the wallet."""

    coupon: str
    already: bool
    """It had been there before."""


class Hindrance(NamedTuple):
    """Why a coupon cannot be claimed with this code now."""

    code: str
    """A refusal's."""
    seconds: int = 0
    """When to come back, where that helps."""


def ended(row: sqlite3.Row, now_ms: int) -> str | None:
    if row["withdrawn"] or not is_running(row, now_ms):
        return "coupon_ended"
    return "coupon_gone" if row["claimed"] >= row["stock"] else None


def not_here(row: sqlite3.Row, hand: Hand, rules: ClaimRules) -> str | None:
    if row["here"] is None:
        return "code_unknown"
    if row["purpose"] not in CLAIMABLE:
        return "wrong_purpose"
    if row["here"] != row["zone"]:
        return "coupon_elsewhere"
    if row["purpose"] == "screen" and not hand.live:
        return "code_not_live"
    if row["by_phone"]:
        return "coupon_taken_here"
    return "code_used_up" if hand.live and row["by_code"] >= rules.live_code else None


def is_running(row: sqlite3.Row, now_ms: int) -> bool:
    return (row["starts_ms"] is None or row["starts_ms"] <= now_ms) and (
        row["ends_ms"] is None or now_ms < row["ends_ms"]
    )
