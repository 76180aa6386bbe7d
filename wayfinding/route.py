"""A way as somebody is told it: straight stretches, the turn before each, and on which hand the end is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from wayfinding.ground import Ground
from wayfinding.plan import Point, RouteTarget
from wayfinding.walking import metres, pulled, walk

STEP_M: Final = 0.7
"""One step of somebody who shops."""
SPEED_M_S: Final = 0.8
"""How fast: with a basket, looking around."""
SHORT_M: Final = 0.9
"""A stretch shorter than this is part of the turn."""

Turn = Literal["ahead", "slight_left", "left", "slight_right", "right", "back"]
Hand = Literal["ahead", "left", "right", "here"]


class Leg(msgspec.Struct, frozen=True):
    """A straight stretch and the turn before it."""

    turn: Turn | None
    """None at the start where nobody knows which way the shopper looks."""
    metres: float
    end: Point

    @property
    def steps(self) -> int:
        """About how many; at least one."""
        return steps(self.metres)


class Route(msgspec.Struct, frozen=True):
    """The way from here to there."""

    points: tuple[Point, ...]
    """Where it begins, where it turns, where it ends."""
    legs: tuple[Leg, ...]
    """Empty where somebody stands there already."""
    hand: Hand
    """Where the thing is once one has arrived."""
    metres: float

    @property
    def steps(self) -> int:
        """About how many; 0 where somebody stands there already."""
        return sum(leg.steps for leg in self.legs)

    @property
    def seconds(self) -> int:
        """About how long it takes."""
        return round(self.metres / SPEED_M_S)


def steps(length: float) -> int:
    """About how many steps a length is; at least one."""
    return max(1, round(length / STEP_M))


def find(
    ground: Ground, start: Point, aims: Sequence[RouteTarget], facing: Point | None = None
) -> tuple[Route, RouteTarget] | None:
    """The shortest way to one of several things, and to which; None where none can be reached.

    `facing` is where whoever starts looks; they stand before what they look at.
    """
    here = ground.nearest(start, _behind(start, facing))
    if here is None:
        return None
    ends = {cell: aim for aim in reversed(aims) for cell in ground.near(aim, ground.part(here))}
    cells = walk(ground, here, ends)
    if not cells:
        return None
    aim = ends[cells[-1]]
    points = pulled(ground, cells)
    return Route(tuple(points), legs(points, facing), _hand(points, aim, facing), metres(points)), aim


def legs(points: Sequence[Point], facing: Point | None = None) -> tuple[Leg, ...]:
    """The stretches of a way; what is too short to be told joins the stretch after it, and what hardly turns the one
    before it.
    """
    corners = _corners(points)
    found: list[Leg] = []
    before = facing
    for start, end in itertools.pairwise(corners):
        ahead = (end[0] - start[0], end[1] - start[1])
        turn = None if before is None else turned(before, ahead)
        if found and turn == "ahead":
            found[-1] = msgspec.structs.replace(found[-1], metres=found[-1].metres + math.dist(start, end), end=end)
        else:
            found.append(Leg(turn, math.dist(start, end), end))
        before = ahead
    return tuple(found)


def turned(before: Point, ahead: Point) -> Turn:
    """How one turns from one direction to the other; y points down, so a positive angle is to the right."""
    cross = before[0] * ahead[1] - before[1] * ahead[0]
    angle = math.degrees(math.atan2(cross, before[0] * ahead[0] + before[1] * ahead[1]))
    size = abs(angle)
    if size < 30:
        return "ahead"
    if size > 150:
        return "back"
    if size < 60:
        return "slight_right" if angle > 0 else "slight_left"
    return "right" if angle > 0 else "left"


def _corners(points: Sequence[Point]) -> list[Point]:
    """The corners that are worth a word: first and last, and between them none that is hardly apart from the next."""
    if len(points) < 2 or metres(points) < SHORT_M:
        return list(points[:1])
    found = list(points[:1])
    for point in points[1:-1]:
        if math.dist(found[-1], point) >= SHORT_M:
            found.append(point)
    if len(found) > 1 and math.dist(found[-1], points[-1]) < SHORT_M:
        found.pop()
    return [*found, points[-1]]


def _hand(points: Sequence[Point], aim: RouteTarget, facing: Point | None) -> Hand:
    """Where the thing is for somebody who came this way."""
    end, (x, y) = points[-1], aim.rect.centre
    if len(points) > 1 and metres(points) >= SHORT_M:
        before: Point | None = (end[0] - points[-2][0], end[1] - points[-2][1])
    else:
        before = facing
    if before is None or (x, y) == end:
        return "here"
    turn = turned(before, (x - end[0], y - end[1]))
    return {"slight_left": "left", "slight_right": "right", "back": "here"}.get(turn, turn)  # type: ignore[return-value]


def _behind(start: Point, facing: Point | None) -> Point | None:
    """Where somebody stands who looks at a thing: before it, not behind."""
    return None if facing is None else (start[0] - facing[0], start[1] - facing[1])
