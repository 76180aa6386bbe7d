"""What the gateway shows for a while in front of the wall: the arguments of `show`, parsed once at the border.

A scene is what somebody held to the scanner beside the screen: a product, or a sentence about what the code was.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec

from kiosk_ui.desired import MAX_URL, Amount, Wording

Seconds = Annotated[float, msgspec.Meta(gt=0, le=300)]
Tint = Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")]


class Beside(msgspec.Struct, frozen=True):
    """A product that goes with it."""

    name: Wording
    art: str
    tint: Tint
    price: Amount | None = None
    picture: str = ""


class Product(msgspec.Struct, frozen=True, tag_field="scene", tag="product"):
    """One product. Money in the currency's minor unit; an empty wording is not shown."""

    gtin: str
    name: Wording
    currency: str
    art: str
    """Empty: the first letter of the name stands for it."""
    tint: Tint
    price: Amount | None = None
    was: Amount | None = None
    for_: Wording = msgspec.field(default_factory=dict, name="for")
    """What the price is for, where it is not one piece."""
    promotion: Wording = {}
    per_unit: Wording = {}
    size: Wording = {}
    brand: Wording = {}
    origin: Wording = {}
    place: Wording = {}
    picture: str = ""
    """Address."""
    url: Annotated[str, msgspec.Meta(max_length=MAX_URL)] = ""
    """Of its page, for a code; empty for none."""
    goes_with: Annotated[tuple[Beside, ...], msgspec.Meta(max_length=12)] = ()
    seconds: Seconds = 45.0


class Notice(msgspec.Struct, frozen=True, tag_field="scene", tag="notice"):
    """A sentence: what a code was, and what to do."""

    title: Wording
    note: Wording = {}
    art: str = "gift"
    seconds: Seconds = 12.0


class Wall(msgspec.Struct, frozen=True, tag_field="scene", tag="wall"):
    """The coupon wall again."""


Scene: TypeAlias = Product | Notice


def parse(args: dict[str, Any]) -> Scene | None:
    """The scene that `show` asks for; none for the wall. Raises `ValueError` where it is no scene."""
    asked = args.get("scene")
    if asked == "wall":
        return None
    try:
        found = msgspec.convert(asked, Product | Notice | Wall)
    except msgspec.ValidationError as error:
        raise ValueError(f"scene: {error}") from None
    return None if isinstance(found, Wall) else found
