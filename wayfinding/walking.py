"""The shortest walk between cells: A* over eight neighbours, then pulled straight where nothing is in between.

Costs are whole numbers, so that two ways of the same length are the same: 1000 a cell, 1414 across a corner. Nobody
walks across the corner of something solid.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from wayfinding.ground import Cell, Ground
from wayfinding.plan import Point

STRAIGHT: Final = 1000
ACROSS: Final = 1414


def walk(ground: Ground, start: Cell, ends: Iterable[Cell]) -> list[Cell]:
    """The cells of the cheapest way from `start` to one of `ends`, both included; empty where there is none."""
    goals = {end for end in ends if ground.free[end] and ground.part(end) == ground.part(start)}
    if not ground.free[start] or not goals:
        return []
    left = _estimate(ground, goals)
    cost, came = {start: 0}, {start: start}
    waiting = [(left(start), 0, start)]
    while waiting:
        _, so_far, here = heapq.heappop(waiting)
        if here in goals:
            return _back(came, here)
        if so_far > cost[here]:
            continue
        for other, price in _neighbours(ground, here):
            total = so_far + price
            if total < cost.get(other, total + 1):
                cost[other], came[other] = total, here
                heapq.heappush(waiting, (total + left(other), total, other))
    return []


def cost(ground: Ground, cells: Sequence[Cell]) -> int:
    """What a way over cells costs."""
    beside = (1, ground.stride)
    return sum(STRAIGHT if abs(one - other) in beside else ACROSS for one, other in itertools.pairwise(cells))


def pulled(ground: Ground, cells: Sequence[Cell]) -> list[Point]:
    """The way as few straight lines as the obstacles leave; never longer than over the cells."""
    points = [ground.centre(cell) for cell in cells]
    found, here = points[:1], 0
    while here < len(points) - 1:
        there = here + 1
        step = 1
        while there + step < len(points) and ground.sees(points[here], points[there + step]):
            there += step
            step *= 2
        while there + 1 < len(points) and ground.sees(points[here], points[there + 1]):
            there += 1
        found.append(points[there])
        here = there
    return found


def metres(points: Sequence[Point]) -> float:
    """How long a way is."""
    return sum(map(math.dist, points, points[1:]))


def _neighbours(ground: Ground, here: Cell) -> list[tuple[Cell, int]]:
    free, down = ground.free, ground.stride
    left, right, above, below = free[here - 1], free[here + 1], free[here - down], free[here + down]
    found = []
    if left:
        found.append((here - 1, STRAIGHT))
    if right:
        found.append((here + 1, STRAIGHT))
    for row, side in ((-down, above), (down, below)):
        if side:
            found.append((here + row, STRAIGHT))
            if left and free[here + row - 1]:
                found.append((here + row - 1, ACROSS))
            if right and free[here + row + 1]:
                found.append((here + row + 1, ACROSS))
    return found


def _estimate(ground: Ground, goals: set[Cell]) -> Callable[[Cell], int]:
    """At least what is left to walk: to the smallest rectangle that holds every end."""
    stride = ground.stride
    rows, columns = [goal // stride for goal in goals], [goal % stride for goal in goals]
    top, bottom, first, last = min(rows), max(rows), min(columns), max(columns)

    def left(cell: Cell) -> int:
        row, column = divmod(cell, stride)
        dx = max(first - column, 0, column - last)
        dy = max(top - row, 0, row - bottom)
        return STRAIGHT * max(dx, dy) + (ACROSS - STRAIGHT) * min(dx, dy)

    return left


def _back(came: dict[Cell, Cell], end: Cell) -> list[Cell]:
    cells = [end]
    while came[cells[-1]] != cells[-1]:
        cells.append(came[cells[-1]])
    return cells[::-1]
