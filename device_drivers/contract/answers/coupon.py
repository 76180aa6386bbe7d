"""A coupon: what it saves, until when, its code of this half minute, its rules in four lines."""

from __future__ import annotations

import msgspec

from device_drivers.contract.offers import OfferCard


class RuleLine(msgspec.Struct, frozen=True):
    """One line of its rules."""

    sign: str
    """`clock`, `person`, `shield` or `pin`."""
    words: str


class ScreenCoupon(OfferCard, frozen=True):
    """The whole of it."""

    id: str = ""
    """The campaign's name."""
    price: int | None = None
    was: int | None = None
    saves: int = 0
    percent: int = 0
    currency: str = "CNY"
    left: int | None = None
    stock: int | None = None
    url: str = ""
    """What its QR holds."""
    digits: str = ""
    """Six digits for who cannot scan."""
    until_ms: int = 0
    """When the next code comes: the one that is shown is taken for half a minute longer."""
    rules: tuple[RuleLine, ...] = ()
    gtin: str = ""
    """The one product that it is for."""
    mine: bool = False
    """Whoever shows their code here has it already."""
    claimable: bool = False
    """They can save it here and now."""
    prints: bool = False
    """A printer is near."""
