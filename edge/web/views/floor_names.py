"""The names on a drawn floor, in metres: none lies on another, on another thing, or on where somebody stands.

A thing whose name has no room stays without: it is in the list below the drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from wayfinding.plan import Point, Rect
from words.line_breaks import columns

LETTERS_PER_WIDTH: Final = 26
"""How many of a zone's letters are as high as the floor is wide: some 12 pixels each on a phone."""
OF_THINGS: Final = (0.85, 0.7)
"""The letters of a thing beside those of a zone; the smaller where the larger has no room."""
COLUMN_EM: Final = 0.56
"""How wide half a Chinese character is, or a Latin letter on average, beside the height of the letters."""
LINE_EM: Final = 1.15
BASELINE_EM: Final = 0.35
"""From the middle of a line down to what its letters stand on."""
DOT: Final = 1.0
"""The radius of where somebody stands, in metres."""


class FloorName(msgspec.Struct, frozen=True):
    """A name where it is written: the middle of its baseline."""

    text: str
    x: float
    y: float
    size: float


def zone_names(zones: Sequence[tuple[str, Rect]], width: float) -> list[FloorName]:
    """Each at the top left of its zone, small enough to stay within."""
    found = []
    for text, plan in zones:
        size = min(width / LETTERS_PER_WIDTH, (plan.width - 0.8) / (_columns(text) * COLUMN_EM))
        middle = plan.left + 0.4 + _columns(text) * COLUMN_EM * size / 2
        found.append(_name(text, (middle, plan.top + size * 0.7), size))
    return found


def thing_names(things: Sequence[tuple[str, Rect]], taken: Sequence[Rect], floor: Rect) -> list[FloorName]:
    """Those that have room: in the thing, above, below, or to a side of that; `taken` is what they keep off."""
    found: list[FloorName] = []
    for text, plan in things:
        kept = [*taken, *(other for _, other in things if other != plan), *map(box, found)]
        name = next((each for each in _places(text, plan, floor) if not any(map(box(each).overlaps, kept))), None)
        if name is not None:
            found.append(name)
    return found


def box(name: FloorName) -> Rect:
    """What a name takes of the floor."""
    width, height = _columns(name.text) * COLUMN_EM * name.size, LINE_EM * name.size
    return Rect(name.x - width / 2, name.y - BASELINE_EM * name.size - height / 2, width, height)


def around(point: Point) -> Rect:
    """What the mark of where somebody stands takes."""
    return Rect(point[0] - DOT, point[1] - DOT, 2 * DOT, 2 * DOT)


def _places(text: str, plan: Rect, floor: Rect) -> Iterator[FloorName]:
    """Where a name may stand, the best place first."""
    x, y = plan.centre
    for part in OF_THINGS:
        size = part * floor.width / LETTERS_PER_WIDTH
        wide, high = _columns(text) * COLUMN_EM * size, LINE_EM * size
        above, below = plan.top - high / 2, plan.top + plan.height + high / 2
        if plan.width >= wide and plan.height >= size * 0.8:
            yield _name(text, (x, y), size)
        aside = (wide - plan.width) / 2
        for turn in (0, -1, 1):
            for middle in (above, below):
                name = _name(text, (x + turn * aside, middle), size)
                if _within(box(name), floor):
                    yield name


def _name(text: str, middle: Point, size: float) -> FloorName:
    return FloorName(text, round(middle[0], 2), round(middle[1] + BASELINE_EM * size, 2), round(size, 2))


def _columns(text: str) -> int:
    return max(1, sum(map(columns, text)))


def _within(inner: Rect, outer: Rect) -> bool:
    return (
        inner.left >= outer.left
        and inner.top >= outer.top
        and inner.left + inner.width <= outer.left + outer.width
        and inner.top + inner.height <= outer.top + outer.height
    )
