"""What a screen should show: the offers of its zone, each with the code of this half minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from edge.domain import coupons
from edge.domain.texts import LANGUAGES, Words
from edge.domain.touchpoints import Codes
from edge.journal import Reads

SCHEMA: Final = 1
"""The version of the body's form; a screen that knows only lower ones says so in `applied`."""

HEADLINE: Final[Words] = {"zh-CN": "本区今日好券", "en": "Today's offers here"}
HINT: Final[Words] = {"zh-CN": "扫码领到手机，结账自动抵扣", "en": "Scan to save it. Checkout does the rest."}


def coupon_wall(
    reads: Reads,
    codes: Codes,
    *,
    screen: str,
    zone: str,
    store: Words,
    currency: str,
    now_ms: int,
    url: Callable[[str], str],
) -> Mapping[str, Any]:
    """The `desired` body of a screen in a zone. `url` makes the address of a code."""
    row = reads.one("SELECT name FROM zones WHERE zone=?", zone)
    until = _rfc3339(codes.code_until(now_ms))
    return {
        "schema": SCHEMA,
        "store": {"name": store},
        "zone": {"id": zone, "name": msgspec.json.decode(row["name"]) if row else {}},
        "languages": list(LANGUAGES),
        "headline": HEADLINE,
        "hint": HINT,
        "coupons": [
            {
                "id": coupon["coupon"],
                "title": msgspec.json.decode(coupon["title"]),
                "subtitle": msgspec.json.decode(coupon["subtitle"]),
                "price": coupon["price"],
                "was": coupon["was"],
                "currency": currency,
                "left": coupon["stock"] - coupon["claimed"],
                "stock": coupon["stock"],
                "ends_at": _rfc3339(coupon["ends_ms"]) if coupon["ends_ms"] else None,
                "art": coupon["art"],
                "tint": coupon["tint"],
                "url": url(codes.rotating(screen, coupon["coupon"], now_ms)),
                "code_until": until,
            }
            for coupon in coupons.on_offer(reads, zone, now_ms)
        ],
    }


def bank_screen(
    reads: Reads, codes: Codes, *, bank: str, store: Words, url: Callable[[str], str], gateway: str
) -> Mapping[str, Any]:
    """The `desired` body of a screen beside a locker bank: whose codes it takes, where it sends them, and the bank's
    own page for phones. `gateway` is the address without a path.
    """
    row = reads.one("SELECT label FROM devices WHERE device=?", bank)
    code = codes.static(bank)
    return {
        "schema": SCHEMA,
        "store": {"name": store},
        "languages": list(LANGUAGES),
        "bank": {
            "id": bank,
            "name": msgspec.json.decode(row["label"]) if row else {},
            "code": code,
            "url": url(code),
            "gateway": gateway,
        },
    }


def _rfc3339(unix_ms: int) -> str:
    moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
