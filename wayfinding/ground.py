"""The plan as a grid of cells for somebody of a certain width: where they fit, and what is connected."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from wayfinding.plan import Plan, Point, Rect, RouteTarget

CELL_M: Final = 0.25
MAX_CELLS: Final = 150_000
"""A plan that has more gets larger cells: up to 9,375 square metres have cells of 0.25 m."""
WALKING_M: Final = 0.5
"""How wide somebody is who walks with a basket."""
WHEELCHAIR_M: Final = 0.9
REACH_M: Final = 0.35
"""Who stands so much further from a thing than the closest they can is still at it."""
FAR_M: Final = 2.5
"""A thing without a free place nearer than this cannot be walked to."""

Cell = int
"""Row times `stride` plus column; the outermost rows and columns are never free."""


class Ground:
    """Where somebody `width` metres wide can walk.

    Whoever goes from one free cell to the next, also across a corner, keeps half their width from everything.
    """

    def __init__(self, plan: Plan, width: float = WALKING_M) -> None:
        self.plan = plan
        self.half = width / 2
        self.size = _cell_size(plan)
        self.columns, self.rows = max(1, int(plan.width / self.size)), max(1, int(plan.height / self.size))
        self.stride = self.columns + 2
        # Between two centres one comes nearer to a corner than at either: the half diagonal makes up for it.
        self.clear = math.hypot(self.half, self.size * math.sqrt(0.5))
        self.free = self._cells()
        self._parts = self._connected()

    def centre(self, cell: Cell) -> Point:
        """The middle of a cell."""
        row, column = divmod(cell, self.stride)
        return (column - 0.5) * self.size, (row - 0.5) * self.size

    def part(self, cell: Cell) -> int:
        """Which part of the floor a free cell belongs to: there is a way between two cells of the same part."""
        return self._parts[cell]

    def sees(self, start: Point, end: Point) -> bool:
        """Whether a straight walk keeps half a width from everything."""
        reach = self.half - 1e-9
        return all(rect.passed(start, end) >= reach for rect in self._between(start, end))

    def near(self, aim: RouteTarget, part: int | None = None) -> list[Cell]:
        """The free cells to stand on for what is aimed at, of one part of the floor; empty where there are none."""
        found = [
            (aim.rect.distance(self.centre(cell)), cell)
            for cell in self._around(aim.rect, FAR_M)
            if self.free[cell] and (part is None or self._parts[cell] == part) and aim.allows(self.centre(cell))
        ]
        found = [(distance, cell) for distance, cell in sorted(found) if not distance or not self._hidden(cell, aim)]
        return [cell for distance, cell in found if distance <= min(found[0][0] + REACH_M, FAR_M)]

    def nearest(self, point: Point, toward: Point | None = None) -> Cell | None:
        """The free cell where somebody stands who is at a point: the nearest, of equals the one that lies `toward`."""
        cells = self.near(RouteTarget(Rect.at(point)))
        return min(cells, key=lambda cell: (self._off(cell, point, toward), cell), default=None)

    def _off(self, cell: Cell, point: Point, toward: Point | None) -> float:
        centre = self.centre(cell)
        return math.dist(centre, point if toward is None else toward)

    def _hidden(self, cell: Cell, aim: RouteTarget) -> bool:
        """Whether something else stands between a cell and what is aimed at: a wall, the shelf at its back."""
        here = self.centre(cell)
        there = aim.rect.closest(here)
        own = aim.of or aim.rect
        return any(
            rect.passed(here, there) == 0.0
            for rect in self._between(here, there)
            if not rect.overlaps(own) and not rect.holds(there)
        )

    def _cells(self) -> bytearray:
        free = bytearray(self.stride * (self.rows + 2))
        for row in range(1, self.rows + 1):
            for column in range(1, self.columns + 1):
                cell = row * self.stride + column
                free[cell] = self._inside(self.centre(cell))
        for rect in self.plan.solid:
            for cell in self._around(rect, self.clear):
                if rect.distance(self.centre(cell)) < self.clear:
                    free[cell] = 0
        return free

    def _inside(self, point: Point) -> bool:
        x, y = point
        return self.half <= x <= self.plan.width - self.half and self.half <= y <= self.plan.height - self.half

    def _around(self, rect: Rect, reach: float) -> Iterator[Cell]:
        """The cells whose middle may be within `reach` of a rectangle."""
        first, last = self._column(rect.left - reach), self._column(rect.left + rect.width + reach)
        for row in range(self._row(rect.top - reach), self._row(rect.top + rect.height + reach) + 1):
            start = row * self.stride
            yield from range(start + first, start + last + 1)

    def _column(self, x: float) -> int:
        return min(self.columns, max(1, int(x / self.size) + 1))

    def _row(self, y: float) -> int:
        return min(self.rows, max(1, int(y / self.size) + 1))

    def _between(self, start: Point, end: Point) -> Iterator[Rect]:
        """The solid things that a straight walk may come near to."""
        left, right = min(start[0], end[0]) - self.half, max(start[0], end[0]) + self.half
        top, bottom = min(start[1], end[1]) - self.half, max(start[1], end[1]) + self.half
        for rect in self.plan.solid:
            beside = rect.left <= right and rect.left + rect.width >= left
            if beside and rect.top <= bottom and rect.top + rect.height >= top:
                yield rect

    def _connected(self) -> list[int]:
        parts = [0] * len(self.free)
        count = 0
        for cell, free in enumerate(self.free):
            if free and not parts[cell]:
                count += 1
                self._fill(parts, cell, count)
        return parts

    def _fill(self, parts: list[int], cell: Cell, part: int) -> None:
        parts[cell] = part
        waiting = [cell]
        while waiting:
            here = waiting.pop()
            for other in (here - 1, here + 1, here - self.stride, here + self.stride):
                if self.free[other] and not parts[other]:
                    parts[other] = part
                    waiting.append(other)


def _cell_size(plan: Plan) -> float:
    size = CELL_M
    while plan.width * plan.height / size**2 > MAX_CELLS:
        size *= 2
    return size
