"""The floor as shapes and words, in metres; the widget only sets them to its size."""

from __future__ import annotations

import msgspec

from kiosk_ui.screens.map.answer import MapAnswer, Point, Rect
from kiosk_ui.screens.map.handlers import MapContext

TINTS = ("#E9EFE4", "#E8F1E3", "#FCF0DA", "#E4ECF7", "#F1EBE3", "#F7E9E4", "#EEEAF4")


class Area(msgspec.Struct, frozen=True):
    """A zone."""

    plan: Rect
    tint: str
    name: str


class Mark(msgspec.Struct, frozen=True):
    """What stands there."""

    plan: Rect
    look: str
    """`shelf`, `sought`, `solid`, or `target`."""
    name: str
    """What is written on it; empty for nothing."""


class Drawing(msgspec.Struct, frozen=True):
    """All that is drawn."""

    width: float
    height: float
    areas: tuple[Area, ...]
    marks: tuple[Mark, ...]
    way: tuple[Point, ...]
    here: Point
    you: str
    """Beside the place where the shopper stands."""
    pin: Point | None
    goal: str
    """Over the pin."""


def drawing(context: MapContext, answer: MapAnswer) -> Drawing:
    """The floor of an answer, in the language on the screen."""
    way = answer.way
    target = way.fixture if way else ""
    return Drawing(
        width=answer.width,
        height=answer.height,
        areas=tuple(
            Area(zone.plan, TINTS[number % len(TINTS)], context.say(zone.name))
            for number, zone in enumerate(answer.zones)
        ),
        marks=tuple(
            Mark(
                each.plan,
                "target" if each.id == target else _look(each.kind, each.sought),
                context.say(each.name) if each.sought and each.id != target else "",
            )
            for each in answer.things
        ),
        way=way.points if way else (),
        here=way.points[0] if way else answer.here,
        you=context.text("map.you"),
        pin=way.pin if way else None,
        goal=context.say(way.sign) or context.say(way.name) if way else "",
    )


def _look(kind: str, sought: bool) -> str:
    if kind in ("wall", "screen"):
        return "solid"
    return "sought" if sought else "shelf"
