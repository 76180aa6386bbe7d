"""The offers of the store by name, the withdrawn ones among them: they stand in wallets."""

from __future__ import annotations

import msgspec

from edge.journal import Reads
from words.languages import Wording


def titles(reads: Reads) -> dict[str, Wording]:
    """By coupon."""
    rows = reads.all("SELECT coupon, title FROM coupons ORDER BY rowid")
    return {row["coupon"]: Wording(msgspec.json.decode(row["title"])) for row in rows}
