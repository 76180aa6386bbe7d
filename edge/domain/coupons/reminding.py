"""What time does to a wallet: members are reminded of what ends soon or begins, and what is over ends."""

from __future__ import annotations

import sqlite3
from typing import Final

from edge.domain.callers import asked_by
from edge.domain.coupons.facts import CouponEnded, CouponReminded, Notice
from edge.domain.members.queries import unreminded
from edge.journal import Tx

SOON_MS: Final = 86_400_000
"""So long before its end a coupon's member is told."""
_UNREMINDED: Final = unreminded("coupons", "wallet.member")
AT_ONCE: Final = 100
"""So many coupons are looked after at a time; the others a second later."""


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """Remind of what ends within a day and of what is good from now on, each once and whoever wants that; end what is
    over.
    """
    over = tx.all(
        "SELECT coupon FROM wallet WHERE state='claimed' AND until_ms IS NOT NULL AND until_ms<=?"
        " ORDER BY until_ms, coupon LIMIT ?",
        tx.now,
        AT_ONCE,
    )
    for row in over:
        tx.emit(CouponEnded(coupon=row["coupon"]))
    soon = tx.all(
        "SELECT coupon, member, until_ms FROM wallet WHERE state='claimed' AND until_ms IS NOT NULL AND until_ms>?1"  # noqa: S608 - our own
        f" AND until_ms<=?1+?2 AND usable_from_ms<=?1 AND NOT ending_told AND NOT {_UNREMINDED}"
        " ORDER BY until_ms, coupon LIMIT ?3",
        tx.now,
        SOON_MS,
        AT_ONCE,
    )
    begun = tx.all(
        "SELECT coupon, member, until_ms FROM wallet WHERE state='claimed' AND NOT beginning_told"  # noqa: S608 - our own
        f" AND usable_from_ms<=?1 AND (until_ms IS NULL OR until_ms>?1) AND NOT {_UNREMINDED}"
        " ORDER BY usable_from_ms, coupon LIMIT ?2",
        tx.now,
        AT_ONCE,
    )
    for row in soon:
        tx.emit(_reminded(row, "ends"))
    for row in begun:
        tx.emit(_reminded(row, "begins"))


def _reminded(row: sqlite3.Row, about: Notice) -> CouponReminded:
    return CouponReminded(coupon=row["coupon"], member=row["member"], about=about, until_ms=row["until_ms"])
