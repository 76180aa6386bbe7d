"""The floor as geometry, in metres from its top left corner: x to the right, y down."""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

import msgspec

Point = tuple[float, float]
Side = Literal["north", "east", "south", "west"]
"""North is the top of the plan."""

TOWARDS: Final[dict[Side, Point]] = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}
"""The direction of each side, as a step of one metre."""


class Rect(NamedTuple):
    """A rectangle along the axes; one without width and height is a point."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def at(cls, point: Point) -> Rect:
        """The rectangle that is one point."""
        return cls(*point, 0.0, 0.0)

    @property
    def centre(self) -> Point:
        """Its middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it, its edge included."""
        return self.distance(point) == 0.0

    def distance(self, point: Point) -> float:
        """How far a point is from it; 0 inside."""
        x, y = point
        return math.hypot(
            max(self.left - x, 0.0, x - self.left - self.width), max(self.top - y, 0.0, y - self.top - self.height)
        )

    def closest(self, point: Point) -> Point:
        """Its point that is nearest to another."""
        x, y = point
        return (
            min(max(x, self.left), self.left + self.width),
            min(max(y, self.top), self.top + self.height),
        )

    def overlaps(self, other: Rect) -> bool:
        """Whether the two have more in common than an edge."""
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )

    def before(self, point: Point, side: Side) -> bool:
        """Whether a point is on this side of it."""
        x, y = point
        return {
            "north": y < self.top,
            "east": x > self.left + self.width,
            "south": y > self.top + self.height,
            "west": x < self.left,
        }[side]

    def passed(self, start: Point, end: Point) -> float:
        """How near a straight walk comes to it; 0 where it leads through."""
        if self._crossed(start, end):
            return 0.0
        corners = (
            (self.left, self.top),
            (self.left + self.width, self.top),
            (self.left, self.top + self.height),
            (self.left + self.width, self.top + self.height),
        )
        near = min(_to_segment(corner, start, end) for corner in corners)
        return min(near, self.distance(start), self.distance(end))

    def _crossed(self, start: Point, end: Point) -> bool:
        """Whether a segment has a point in common with it: what the sides leave of the segment, cut one by one."""
        first, last = 0.0, 1.0
        for begin, change, low, high in (
            (start[0], end[0] - start[0], self.left, self.left + self.width),
            (start[1], end[1] - start[1], self.top, self.top + self.height),
        ):
            if change == 0.0:
                if not low <= begin <= high:
                    return False
                continue
            one, other = sorted(((low - begin) / change, (high - begin) / change))
            first, last = max(first, one), min(last, other)
        return first <= last


def _to_segment(point: Point, start: Point, end: Point) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    whole = dx * dx + dy * dy
    share = 0.0 if whole == 0.0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / whole
    share = min(1.0, max(0.0, share))
    return math.dist(point, (start[0] + share * dx, start[1] + share * dy))


class Plan(msgspec.Struct, frozen=True):
    """What one can walk on, and what stands in the way."""

    width: float
    height: float
    solid: tuple[Rect, ...] = ()
    """Nobody walks through these."""


class RouteTarget(msgspec.Struct, frozen=True):
    """Where somebody wants to stand: at this thing, on the side from which it is used."""

    rect: Rect
    front: Side | None = None
    """None: any side."""
    of: Rect | None = None
    """What `front` is a side of, where the aim is only a part of it: a place on a shelf."""

    def allows(self, point: Point) -> bool:
        """Whether somebody who stands there is on the right side."""
        return self.front is None or (self.of or self.rect).before(point, self.front)
