"""What the gateway wants on the screen: the `desired` body, schema 1, parsed once at the border.

Past `parse` every field is present and of its type; a body that is not is refused whole, and the screen keeps what it
shows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

Wording = dict[str, str]
"""One text in several languages, keyed by language tag."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant with its time zone."""

Amount = Annotated[int, msgspec.Meta(ge=0)]
"""Money in the currency's minor unit, for CNY fen."""

MAX_URL: Final = 300
"""Characters. A longer address makes a code too dense to scan from a screen."""


class Named(msgspec.Struct, frozen=True):
    """The store, by its name in each language."""

    name: Wording


class Zone(msgspec.Struct, frozen=True):
    """The part of the store that this screen stands in."""

    id: str
    name: Wording


class Coupon(msgspec.Struct, frozen=True):
    """One offer of the zone, with the code that claims it."""

    id: str
    title: Wording
    price: Amount
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL)]
    """What the QR code says."""
    code_until: Moment
    """The code is worth nothing from here on; the screen hides it."""
    subtitle: Wording = {}
    was: Amount | None = None
    currency: str = "CNY"
    left: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Coupons still to be had; none given means without limit."""
    stock: Annotated[int, msgspec.Meta(ge=0)] | None = None
    ends_at: Moment | None = None
    art: str = "gift"
    tint: Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")] = "#DFEFE4"


class Wall(msgspec.Struct, frozen=True):
    """A zone's coupon wall."""

    schema: Literal[1]
    zone: Zone
    store: Named
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """In the order the store prefers them; the first is shown to a new shopper."""
    coupons: tuple[Coupon, ...]
    headline: Wording = {}
    hint: Wording = {}


class Lockers(msgspec.Struct, frozen=True):
    """A locker bank that the screen stands at."""

    id: str
    name: Wording
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL)]
    """The bank's own code, which says whose digits are entered."""
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL)]
    """The bank's page for phones, as a QR code."""
    gateway: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+$")]
    """Where digits are sent."""


class Bank(msgspec.Struct, frozen=True):
    """A locker bank's own screen: six digits open a door."""

    schema: Literal[1]
    store: Named
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    bank: Lockers


Backdrop = Wall | Bank
"""What a screen stands for, all day. A scene may come in front of it for a while (`kiosk_ui.scene`)."""


class _Kind(msgspec.Struct, frozen=True):
    bank: msgspec.Raw = msgspec.Raw()


_KIND: Final = msgspec.json.Decoder(_Kind)
_WALL: Final = msgspec.json.Decoder(Wall)
_BANK: Final = msgspec.json.Decoder(Bank)


def parse(body: bytes) -> Backdrop:
    """What a desired body describes. Raises `ValueError` with the field and what was found there."""
    try:
        return _BANK.decode(body) if bytes(_KIND.decode(body).bank) else _WALL.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"desired body of a screen: {error}") from None
