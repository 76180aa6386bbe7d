"""What a screen is sent when somebody holds a product to it: the arguments of the contract's `show`.

`kiosk_ui/scene.py` is the other side; a test holds the two together.
"""

from __future__ import annotations

import msgspec

from edge.domain.texts import Words


class Beside(msgspec.Struct, frozen=True):
    """A product that goes with it."""

    name: Words
    art: str
    tint: str
    price: int | None = None
    picture: str = ""


class ProductScene(msgspec.Struct, frozen=True, tag_field="scene", tag="product"):
    """One product on the whole screen, for `seconds`; then the wall again. Money in the smallest unit."""

    gtin: str
    name: Words
    currency: str
    art: str
    """Name of a drawing, for when there is no picture."""
    tint: str
    """Ground of the picture, #RRGGBB."""
    price: int | None = None
    """What it costs now; none where no price is set."""
    was: int | None = None
    """Usual price, where it is cheaper now."""
    for_: Words = msgspec.field(default_factory=dict, name="for")
    """What the price is for, where it is not one piece: `/kg`."""
    promotion: Words = {}
    per_unit: Words = {}
    """`¥1.36 / 100 ml`."""
    size: Words = {}
    brand: Words = {}
    origin: Words = {}
    place: Words = {}
    """Nearest shelf, and how far."""
    picture: str = ""
    """Address; empty where there is none."""
    url: str = ""
    """Address of its page, for the QR code."""
    goes_with: tuple[Beside, ...] = ()
    seconds: float = 45.0


class NoticeScene(msgspec.Struct, frozen=True, tag_field="scene", tag="notice"):
    """A sentence on the whole screen, for `seconds`: what a code was, and what to do."""

    title: Words
    note: Words = {}
    art: str = "gift"
    seconds: float = 12.0
