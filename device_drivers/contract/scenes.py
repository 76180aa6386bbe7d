"""What a screen shows for a while in front of its wall: what somebody held to the scanner beside it.

`show {"scene": {"type": …}}` carries one. Money is in the currency's minor unit; an empty wording is not shown.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias, get_args

import msgspec

from device_drivers.contract.values import MAX_URL, Amount, Tint, Wording

Seconds = Annotated[float, msgspec.Meta(gt=0, le=300)]


class RelatedProduct(msgspec.Struct, frozen=True, omit_defaults=True):
    """A product that goes with the one that is shown."""

    name: Wording
    art: str
    tint: Tint
    price: Amount | None = None
    picture: str = ""


class ProductScene(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="product"):
    """One product on the whole screen, for `seconds`; then the wall again."""

    gtin: str
    name: Wording
    currency: str
    art: str
    """Name of a drawing, for when there is no picture. Empty: the first letter of the name stands for it."""
    tint: Tint
    """Ground of the picture."""
    price: Amount | None = None
    """What it costs now; none where no price is set."""
    was: Amount | None = None
    """Usual price, where it is cheaper now."""
    for_: Wording = msgspec.field(default_factory=dict, name="for")
    """What the price is for, where it is not one piece: `/kg`."""
    promotion: Wording = {}
    per_unit: Wording = {}
    """`¥1.36 / 100 ml`."""
    size: Wording = {}
    brand: Wording = {}
    origin: Wording = {}
    place: Wording = {}
    """Nearest shelf, and how far."""
    picture: str = ""
    """Address; empty where there is none."""
    url: Annotated[str, msgspec.Meta(max_length=MAX_URL)] = ""
    """Address of its page, for a code; empty for none."""
    goes_with: Annotated[tuple[RelatedProduct, ...], msgspec.Meta(max_length=12)] = ()
    seconds: Seconds = 45.0


class NoticeScene(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="notice"):
    """A sentence on the whole screen, for `seconds`: what a code was, and what to do."""

    title: Wording
    note: Wording = {}
    art: str = "gift"
    """Name of a drawing."""
    sign: Annotated[str, msgspec.Meta(max_length=32)] = ""
    """Name of a line sign that stands in the drawing's place: what kind of code it was."""
    way: Annotated[str, msgspec.Meta(max_length=32)] = ""
    """Name of a place of the screen that helps on; a screen that does not show it leaves it out."""
    seconds: Seconds = 12.0


class WelcomeScene(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="welcome"):
    """A member who held their code to the scanner is greeted, for `seconds`. It names nobody: others look on."""

    title: Wording
    note: Wording = {}
    """What waits for them."""
    coupons: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    """How many are in their wallet."""
    seconds: Seconds = 12.0


class WallScene(msgspec.Struct, frozen=True, tag_field="type", tag="wall"):
    """The coupon wall again, at once."""


TimedScene: TypeAlias = ProductScene | NoticeScene | WelcomeScene
"""What stands in front of the wall for a while."""
Scene: TypeAlias = ProductScene | NoticeScene | WelcomeScene | WallScene
SCENES: Final = frozenset(scene.__struct_config__.tag for scene in get_args(Scene))
"""The `type` of each."""
