"""What the gateway says of the floor, and of the way there."""

from __future__ import annotations

import msgspec

from words.languages import Words

Point = tuple[float, float]
"""In metres from the top left of the floor plan."""
Rect = tuple[float, float, float, float]
"""Left, top, width, height in metres."""


class MapZone(msgspec.Struct, frozen=True):
    """An area of the store."""

    id: str
    name: Words
    plan: Rect


class MapFixture(msgspec.Struct, frozen=True):
    """What stands on the floor."""

    id: str
    kind: str
    name: Words
    plan: Rect
    sought: bool = False
    """Shoppers ask the way to it."""


class Destination(msgspec.Struct, frozen=True):
    """What one can ask the way to without a name."""

    to: str
    kind: str
    name: Words


class Direction(msgspec.Struct, frozen=True):
    """One line of the way."""

    turn: str
    title: Words
    detail: Words


class MapProduct(msgspec.Struct, frozen=True):
    """The product that it leads to."""

    gtin: str
    name: Words
    currency: str
    price: int | None = None
    was: int | None = None
    art: str = ""
    tint: str = "#E7E3D8"
    here: bool = True


class Way(msgspec.Struct, frozen=True):
    """From the screen to what was asked for."""

    to: str
    kind: str
    name: Words
    pin: Point
    points: tuple[Point, ...]
    steps: int
    takes: Words
    lines: tuple[Direction, ...]
    aloud: Words
    wide: bool
    link: str
    sign: Words = {}
    fixture: str = ""
    goods: MapProduct | None = None


class MapAnswer(msgspec.Struct, frozen=True):
    """All of it."""

    width: float
    height: float
    here: Point
    zones: tuple[MapZone, ...]
    things: tuple[MapFixture, ...]
    places: tuple[Destination, ...]
    way: Way | None = None
    problem: Words = {}
    """Why there is no way."""
    printable: bool = False
    """A printer stands near."""
