"""What was scanned (`Scan`), and what it may mean (`Reading`)."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from edge.domain.touchpoints.codes import Touchpoint
from gs1.trade import Trade
from words.languages import Words

Kind = Literal["touchpoint", "badge", "coupon", "parcel", "member", "slip", "product", "payment", "basket", "unknown"]
"""What a code can be to this store."""

Certainty = Literal["signed", "known", "checked", "by_rule", "guessed"]
"""Why a reading is believed: our signature; the store's own tables; a check digit or the form of a standard; a rule of
this store's settings; its looks alone. The earlier word goes first."""

CERTAINTIES: Final[tuple[Certainty, ...]] = ("signed", "known", "checked", "by_rule", "guessed")

Do = Literal["open", "look", "collect", "greet", "claim", "take", "show_at_till", "scan_again", "ask_staff", "nothing"]
"""What comes next. `open` and `look` have an address in the store."""


class Scan(msgspec.Struct, frozen=True):
    """A code as somebody or something read it."""

    text: str
    symbology: str | None = None
    """`ean13`, `upca`, `qr`, `gs1-databar` …; none where the reader did not say."""
    raw: bytes | None = None
    """The code's own bytes, where its text is not all of it."""
    device: str | None = None
    """The scanner or camera; none for a shopper's phone."""


class Next(msgspec.Struct, frozen=True):
    """What to do with it."""

    do: Do
    href: str = ""
    """Address within the store's pages, for a phone."""


class Reading(msgspec.Struct, frozen=True):
    """One thing that a code may mean. Several are possible; the first is the best."""

    kind: Kind
    certainty: Certainty
    reason: str
    """Why it is read so: a key of `edge.domain.codes.words.REASONS`."""
    what: str = ""
    """Which sort of the kind: `wifi`, `phone`, `wechat_pay` …; the purpose of a touchpoint."""
    refused: str = ""
    """The refusal, where it is one of ours and no good: `code_expired`, `code_tampered`, `code_used` …"""
    next: Next = Next("nothing")
    title: Words = {}
    """What it names, where the store knows it: the product, the place, the offer."""
    touchpoint: Touchpoint | None = None
    trade: Trade | None = None
    member: str = ""
    stamp: int = 0
    """When a member's code was made, Unix seconds."""
    job: str = ""
    """The slip's number."""
    basket: str = ""
    """Names the basket that can be taken with it."""


def best_first(readings: list[Reading]) -> list[Reading]:
    """The good ones before the refused, then by certainty; otherwise as they came."""
    return sorted(readings, key=lambda each: (bool(each.refused), CERTAINTIES.index(each.certainty)))


class ScanResult(msgspec.Struct, frozen=True):
    """What came of a code that was held to a scanner."""

    best: Reading
    member: str = ""
    """Who was greeted."""
    refused: str = ""
