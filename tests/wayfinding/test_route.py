"""What a way is told as: turns from where the shopper looks, stretches, the hand on which the thing is."""

from __future__ import annotations

import pytest

from wayfinding.ground import Ground
from wayfinding.plan import TOWARDS, Plan, Rect, RouteTarget
from wayfinding.route import find, legs, turned

SHELF = Rect(4, 4, 6, 1)


def test_turns_are_told_from_where_the_shopper_looks() -> None:
    north = TOWARDS["north"]
    assert turned(north, TOWARDS["north"]) == "ahead"
    assert turned(north, TOWARDS["east"]) == "right"
    assert turned(north, TOWARDS["west"]) == "left"
    assert turned(north, TOWARDS["south"]) == "back"
    assert turned(TOWARDS["south"], TOWARDS["east"]) == "left"
    assert turned(north, (0.8, -1)) == "slight_right"
    assert turned(north, (-0.8, -1)) == "slight_left"


def test_a_way_has_a_stretch_for_each_turn() -> None:
    way = legs([(1, 9), (1, 2), (8, 2)], TOWARDS["north"])
    assert [(leg.turn, leg.metres, leg.steps) for leg in way] == [("ahead", 7.0, 10), ("right", 7.0, 10)]


def test_without_a_direction_the_first_stretch_has_no_turn() -> None:
    assert [leg.turn for leg in legs([(1, 9), (1, 2), (8, 2)])] == [None, "right"]


def test_short_bends_are_not_told() -> None:
    assert len(legs([(1, 9), (1, 8.5), (1, 2), (1.3, 1.7), (8, 1.7)], TOWARDS["north"])) == 2


def test_the_front_of_a_shelf_is_walked_to_and_lies_on_a_hand() -> None:
    ground = Ground(Plan(14, 12, (SHELF,)))
    found = find(ground, (7, 10), [RouteTarget(Rect(7, 4.5, 0, 0), front="north", of=SHELF)], TOWARDS["north"])
    assert found is not None
    route, _ = found
    assert route.points[-1][1] < SHELF.top
    assert len(route.legs) > 1
    assert route.hand in ("right", "left")
    back = find(ground, (7, 10), [RouteTarget(Rect(7, 4.5, 0, 0), front="south", of=SHELF)], TOWARDS["north"])
    assert back is not None
    assert back[0].hand == "ahead"
    assert back[0].metres < route.metres


def test_the_nearest_of_several_is_taken() -> None:
    ground = Ground(Plan(20, 10))
    far, near = RouteTarget(Rect(18, 1, 1, 1)), RouteTarget(Rect(3, 8, 1, 1))
    found = find(ground, (1, 5), [far, near])
    assert found is not None
    assert found[1] == near


def test_who_is_there_already_is_told_so() -> None:
    ground = Ground(Plan(14, 12, (SHELF,)))
    found = find(ground, (7, 5.6), [RouteTarget(SHELF)], TOWARDS["north"])
    assert found is not None
    assert found[0].legs == ()
    assert found[0].steps == 0
    assert found[0].hand == "ahead"


def test_what_cannot_be_reached_has_no_way() -> None:
    ground = Ground(Plan(10, 10, (Rect(0, 5, 10, 1),)))
    assert find(ground, (1, 1), [RouteTarget(Rect(5, 9, 1, 1))]) is None


@pytest.mark.parametrize("side", TOWARDS)
def test_who_looks_at_a_screen_stands_before_it_and_not_behind_the_shelf_that_it_hangs_on(side: str) -> None:
    looks = TOWARDS[side]  # type: ignore[index]
    shelf = Rect(4.7, 4.7, 0.6, 0.6)
    ground = Ground(Plan(10, 10, (shelf,)))
    found = find(ground, shelf.centre, [RouteTarget(Rect.at((5 - 4 * looks[0], 5 - 4 * looks[1])))], looks)
    assert found is not None
    assert found[0].metres < 4
