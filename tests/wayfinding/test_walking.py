"""The walk over cells is the shortest there is, and nobody comes nearer to anything than half their width."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from wayfinding.ground import CELL_M, MAX_CELLS, WALKING_M, WHEELCHAIR_M, Cell, Ground
from wayfinding.plan import Plan, Point, Rect, RouteTarget
from wayfinding.walking import ACROSS, STRAIGHT, cost, metres, pulled, walk

SIZE = st.integers(4, 40).map(lambda quarters: quarters * CELL_M)
LENGTH = st.integers(1, 16).map(lambda quarters: quarters * CELL_M)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    width, height = draw(SIZE), draw(SIZE)
    places = st.builds(Rect, st.floats(0, width), st.floats(0, height), LENGTH, LENGTH)
    return Plan(width, height, tuple(draw(st.lists(places, max_size=12))))


def neighbours(ground: Ground, cell: Cell) -> Iterator[tuple[Cell, int]]:
    """Said another way than in the code under test: by rows and columns."""
    row, column = divmod(cell, ground.stride)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            ways = [(row + down, column), (row, column + right), (row + down, column + right)]
            if (down or right) and all(ground.free[y * ground.stride + x] for y, x in ways):
                yield (row + down) * ground.stride + column + right, ACROSS if down and right else STRAIGHT


def cheapest(ground: Ground, start: Cell, ends: set[Cell]) -> int | None:
    """Dijkstra without a heap: the nearest open cell is looked for each time."""
    known = {start: 0}
    done: set[Cell] = set()
    while known.keys() - done:
        here = min(known.keys() - done, key=known.__getitem__)
        if here in ends:
            return known[here]
        done.add(here)
        for other, price in neighbours(ground, here):
            known[other] = min(known.get(other, math.inf), known[here] + price)  # type: ignore[assignment]
    return None


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(plans(), st.sampled_from((WALKING_M, WHEELCHAIR_M)), st.randoms(use_true_random=False))
def test_every_walk_costs_what_dijkstra_finds(plan: Plan, width: float, chance: random.Random) -> None:
    ground = Ground(plan, width)
    free = [cell for cell, is_free in enumerate(ground.free) if is_free]
    assume(free)
    start, ends = chance.choice(free), set(chance.choices(free, k=3))

    cells = walk(ground, start, ends)

    expected = cheapest(ground, start, ends)
    assert bool(cells) == (expected is not None)
    if expected is None:
        return
    assert cells[0] == start
    assert cells[-1] in ends
    assert all(other in dict(neighbours(ground, one)) for one, other in itertools.pairwise(cells))
    assert cost(ground, cells) == expected


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(plans(), st.sampled_from((WALKING_M, WHEELCHAIR_M)), st.randoms(use_true_random=False))
def test_a_pulled_walk_keeps_half_a_width_from_everything_and_is_never_longer(
    plan: Plan, width: float, chance: random.Random
) -> None:
    ground = Ground(plan, width)
    free = [cell for cell, is_free in enumerate(ground.free) if is_free]
    assume(free)
    cells = walk(ground, chance.choice(free), [chance.choice(free)])
    assume(len(cells) > 1)

    points = pulled(ground, cells)

    assert (points[0], points[-1]) == (ground.centre(cells[0]), ground.centre(cells[-1]))
    assert metres(points) <= metres([ground.centre(cell) for cell in cells]) + 1e-9
    for start, end in itertools.pairwise(points):
        for at in between(start, end):
            assert min((rect.distance(at) for rect in plan.solid), default=9.0) >= width / 2 - 1e-6
            assert width / 2 <= at[0] <= plan.width - width / 2
            assert width / 2 <= at[1] <= plan.height - width / 2


def between(start: Point, end: Point) -> Iterator[Point]:
    count = max(1, math.ceil(math.dist(start, end) / 0.02))
    for part in range(count + 1):
        share = part / count
        yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def gap(metres_wide: float) -> Plan:
    """Two rooms, and a gap in the wall between them."""
    top = 5 - metres_wide / 2
    return Plan(10, 10, (Rect(4, 0, 1, top), Rect(4, top + metres_wide, 1, 10)))


def crosses(plan: Plan, width: float) -> bool:
    ground = Ground(plan, width)
    start, end = ground.nearest((1, 5)), ground.nearest((9, 5))
    assert start is not None
    assert end is not None
    return bool(walk(ground, start, [end]))


def test_a_wheelchair_is_not_sent_through_a_gap_that_a_person_fits_through() -> None:
    assert crosses(gap(0.88), WALKING_M)
    assert not crosses(gap(0.88), WHEELCHAIR_M)
    assert crosses(gap(1.25), WHEELCHAIR_M)


def test_a_plan_without_an_obstacle_is_walked_in_one_straight_line() -> None:
    ground = Ground(Plan(30, 20))
    start, end = ground.nearest((1, 1)), ground.nearest((29, 12))
    assert start is not None
    assert end is not None
    assert pulled(ground, walk(ground, start, [end])) == [ground.centre(start), ground.centre(end)]


def test_a_hall_gets_larger_cells_instead_of_a_slow_answer() -> None:
    ground = Ground(Plan(1000, 1000, (Rect(0, 500, 990, 2),)))
    assert ground.columns * ground.rows <= MAX_CELLS
    start, end = ground.nearest((5, 5)), ground.nearest((5, 995))
    assert start is not None
    assert end is not None
    assert metres(pulled(ground, walk(ground, start, [end]))) > 1900


def test_nobody_stands_behind_a_wall_or_at_the_back_of_the_next_shelf() -> None:
    shelf, back = Rect(2, 4, 6, 0.5), Rect(2, 4.5, 6, 0.5)
    ground = Ground(Plan(10, 10, (shelf, back)))
    cells = ground.near(RouteTarget(Rect.at((5, 4.4)), of=shelf))
    assert cells
    assert all(ground.centre(cell)[1] < shelf.top for cell in cells)


def test_a_thing_in_a_closed_room_is_not_reached_and_one_in_reach_is_taken_instead() -> None:
    closed = (Rect(0, 5, 5, 0.2), Rect(5, 5, 0.2, 5))
    ground = Ground(Plan(10, 10, closed))
    here = ground.nearest((9, 1))
    assert here is not None
    inside, outside = RouteTarget(Rect(2, 7, 1, 1)), RouteTarget(Rect(2, 2, 1, 1))
    assert not ground.near(inside, ground.part(here))
    assert walk(ground, here, ground.near(inside)) == []
    assert walk(ground, here, [*ground.near(inside), *ground.near(outside)])[-1] in ground.near(outside)
