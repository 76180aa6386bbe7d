"""What a screen is told of an offer: in all of its languages on the wall, in one in an answer and on a card.

A line more below the title is declared here, for every screen at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec

from device_drivers.contract.values import Amount, Moment, Tint, Url, Wording

DRAWING: Final = "gift"
"""What stands for an offer without a drawing of its own."""
GROUND: Final = "#DFEFE4"


class WallCoupon(msgspec.Struct, frozen=True):
    """One offer of the zone, with the code that claims it."""

    id: str
    title: Wording
    price: Amount
    url: Url
    """What the QR code says."""
    code_until: Moment
    """The code is worth nothing from here on; the screen hides it."""
    subtitle: Wording = {}
    was: Amount | None = None
    saves: Amount | None = None
    """What it takes off at least, where it is for more than one price: it stands in place of `price`."""
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """What it takes off, where that is a share: it stands in place of `price`. 0 where it is none."""
    currency: str = "CNY"
    left: Amount | None = None
    """Coupons still to be had; none given means without limit."""
    stock: Amount | None = None
    ends_at: Moment | None = None
    art: str = DRAWING
    tint: Tint = GROUND


class OfferCard(msgspec.Struct, frozen=True, kw_only=True):
    """What every card of an offer says and shows, in one language."""

    title: str
    subtitle: str = ""
    art: str = DRAWING
    tint: str = GROUND


def card_of(offer: Any, form: type[msgspec.Struct], say: Callable[[Wording], Any]) -> dict[str, Any]:
    """The fields of an `OfferCard` that `form` has, of whatever has them by these names: its texts as `say` gives them,
    and a drawing in any case.
    """
    names = (name for name in OfferCard.__struct_fields__ if name in form.__struct_fields__)
    found = {name: getattr(offer, name) for name in names}
    return {name: say(each) if isinstance(each, dict) else each or DRAWING for name, each in found.items()}
