"""Where one can go on a screen by touch. A place is a message like any other: the screen that shows it says so.

`Screen(message=places.Search, …)`; whoever leads there opens it: `Step(memory, open=places.Search())`, or in a .kv file
`app.open('search')`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from device_drivers.contract import ProductScene


class Home(msgspec.Struct, frozen=True, tag_field="place", tag="home"):
    """The home of this place: its offers, and the way to everything else."""


class Offers(msgspec.Struct, frozen=True, tag_field="place", tag="offers"):
    """Every offer of the zone."""


class Coupon(msgspec.Struct, frozen=True, tag_field="place", tag="coupon"):
    """One offer: what it saves, until when, its code and its rules."""

    id: str


class Scan(msgspec.Struct, frozen=True, tag_field="place", tag="scan"):
    """What to hold where, so that a product opens."""


class Digits(msgspec.Struct, frozen=True, tag_field="place", tag="digits"):
    """A number pad: for a barcode that no scanner reads, and for the digits of a basket."""


class Search(msgspec.Struct, frozen=True, tag_field="place", tag="search"):
    """Goods, without a keyboard."""


class Product(msgspec.Struct, frozen=True, tag_field="place", tag="product"):
    """One product."""

    gtin: str
    scene: ProductScene | None = None
    """What a scan brought of it: shown where nobody can be asked for more."""


class Map(msgspec.Struct, frozen=True, tag_field="place", tag="map"):
    """The plan of the store; with `to` the way there: a product's number, or the name of a fixture."""

    to: str = ""


class Basket(msgspec.Struct, frozen=True, tag_field="place", tag="basket"):
    """What was put in here, and the ways on."""


class Mine(msgspec.Struct, frozen=True, tag_field="place", tag="mine"):
    """The things of a member who showed their code."""


class Lockers(msgspec.Struct, frozen=True, tag_field="place", tag="lockers"):
    """The locker banks of the store."""


class Games(msgspec.Struct, frozen=True, tag_field="place", tag="games"):
    """What can be won here."""


class Help(msgspec.Struct, frozen=True, tag_field="place", tag="help"):
    """Staff is called, and what they are told."""


class StillThere(msgspec.Struct, frozen=True):
    """Asks whether whoever stood there is still there. No place: it comes by itself, in front of everything."""

    until: float
    """When the screen is wiped, by the monotonic clock."""
    lasts: float = 30.0
    """For how long it is asked, in seconds."""


Place: TypeAlias = (
    Home | Offers | Coupon | Scan | Digits | Search | Product | Map | Basket | Mine | Lockers | Games | Help
)
"""Those that several parts of the house lead to. A screen MAY bring a place of its own, in its own folder."""


def name_of(place: type[Any]) -> str:
    """What a place is called in .kv files, by the gateway and in what is counted: `search`; empty where it is none."""
    known = getattr(place, "__struct_config__", None)
    return str(known.tag) if known is not None and known.tag_field == "place" else ""


def made(place: type[Any], argument: str = "") -> Any:
    """The place, with what it is about where it is about something. Raises `LookupError` where that is missing."""
    if argument and place.__struct_fields__:
        return place(argument)
    if any(field.required for field in msgspec.structs.fields(place)):
        raise LookupError(f"the place {name_of(place)!r} is about something, and nothing is named")
    return place()
