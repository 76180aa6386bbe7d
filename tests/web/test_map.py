"""The map on phones and the ways of the example store, by the gateway that serves them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.domain.fixtures.facts import FixtureDefined, FixtureRemoved
from edge.errors import Refusal
from edge.products.shelf_locations import ShelfLocations
from edge.web.views import floor_names
from edge.web.views.floor_map import floor
from wayfinding.plan import Rect
from words.languages import Language
from words.sentences import say

if TYPE_CHECKING:
    from edge.gateway.guiding import Guide, GuidedRoute
    from tests.web.running import RunningStore

SCREENS = ("screen-entrance", "screen-fresh", "screen-baby")


def page(store: RunningStore, path: str, language: str = "en") -> requests.Response:
    return requests.get(store.base + path, headers={"Accept-Language": language}, timeout=60)


def guide(store: RunningStore) -> Guide:
    return store.gateway.parts.lookup.guide


def way(store: RunningStore, start: str, to: str, *, wide: bool = False) -> GuidedRoute:
    found: GuidedRoute = store.do(guide(store).way(start, to, wide=wide))
    return found


def drawing(text: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", text, re.DOTALL)


def test_the_map_offers_what_one_asks_the_way_to(store: RunningStore) -> None:
    shown = page(store, "/map")
    assert shown.status_code == 200
    for kind in ("dock", "locker", "till", "service", "toilet", "exit"):
        assert f"kind%3A{kind}" in shown.text
        assert say("en", f"map.kinds.{kind}") in shown.text


def test_whoever_scans_a_badge_stands_where_its_wearer_does(store: RunningStore) -> None:
    """`/map?from=badge-li` began every way in the baby aisle, wherever the adviser walked."""
    layout, door = store.gateway.layout, page(store, "/map?to=kind:till").text
    badges = [each.id for each in layout.touchpoints if each.purpose == "badge"]
    assert badges
    for name in (*badges, "nowhere"):
        assert name not in {start.id for start in guide(store).starts()}
        with pytest.raises(Refusal):
            guide(store).start(name)
        assert ShelfLocations(layout).at(name) is None
        asked = page(store, f"/map?to=kind:till&from={name}").text
        assert say("en", "map.kinds.till") in asked
        assert drawing(asked) == drawing(door), "as where nobody said where they are: from the door"


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
@pytest.mark.parametrize("to", ["", "fixture:till-2", "kind:exit"])
def test_no_name_on_the_plan_lies_on_another_or_on_a_mark(store: RunningStore, language: Language, to: str) -> None:
    """`Ein- und Ausgang` lay under the dot, `Kasse` on `Kasse 1`."""
    at = guide(store).start("screen-baby").at
    found = way(store, "screen-baby", to) if to else None
    shown = floor(store.gateway.layout, guide(store), language, at, found)
    names = [floor_names.box(each) for each in shown.names]
    assert shown.here is not None
    assert not any(one.overlaps(two) for one, two in combinations([*names, floor_names.around(shown.here)], 2))
    assert all(box.left >= 0 and box.left + box.width <= shown.width for box in names)
    texts = [each.text for each in shown.names]
    assert texts[: len(shown.areas)] == [each.name for each in shown.areas]
    assert len(texts) > len(shown.areas) + 3, "what shoppers ask for has its names"


def test_a_name_without_room_is_left_out() -> None:
    floor_plan, till = Rect(0, 0, 30, 20), Rect(10, 10, 1, 1)
    assert floor_names.thing_names([("Till", till)], [], floor_plan)
    assert not floor_names.thing_names([("Till", till)], [floor_plan], floor_plan)
    assert not floor_names.thing_names([("Till " * 20, till)], [], floor_plan)


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_a_way_is_drawn_told_and_can_be_read_aloud(store: RunningStore, language: Language) -> None:
    shown = page(store, "/map?from=screen-baby&to=fixture:toilet", language)
    assert shown.status_code == 200
    found = way(store, "screen-baby", "fixture:toilet")
    directions = store.gateway.parts.lookup.directions
    for line in directions.lines(found, language):
        assert line.title in shown.text
    assert directions.aloud(found, language) in shown.text
    assert say(language, "map.kinds.toilet") in shown.text
    assert 'fill="#ffc74d"' in shown.text


@pytest.mark.parametrize("wide", [False, True])
def test_from_every_screen_everything_can_be_reached_also_by_wheelchair(store: RunningStore, wide: bool) -> None:
    layout = store.gateway.layout
    goals = [f"kind:{kind}" for kind in guide(store).kinds()]
    goals += [f"zone:{zone.id}" for zone in layout.zones]
    goals += [f"shelf:{point.id}" for point in layout.touchpoints if point.purpose == "shelf"]
    goals += [f"fixture:{each.fixture}" for each in layout.fixtures if each.kind not in ("wall", "screen")]
    goals += [f"device:{device.id}" for device in layout.devices if device.kind != "screen"]
    for screen in SCREENS:
        for goal in goals:
            assert way(store, screen, goal, wide=wide).route.metres < 60, (screen, goal)


def test_a_wheelchair_has_room_that_a_walk_does_not_ask_for(store: RunningStore) -> None:
    narrow, wide = (way(store, "screen-entrance", "shelf:shelf-fruit", wide=wide) for wide in (False, True))
    assert wide.route.metres >= narrow.route.metres


def test_a_shopper_at_a_screen_is_told_left_and_right_and_one_with_a_phone_a_direction(store: RunningStore) -> None:
    assert way(store, "screen-baby", "kind:till").route.legs[0].turn == "left"
    assert way(store, "poster-door", "kind:till").route.legs[0].turn is None


def test_what_is_not_there_is_said_and_the_map_stays(store: RunningStore) -> None:
    for to, status in (("kind:sauna", 404), ("nonsense", 404), ("product:12345678", 404), ("fixture:none", 404)):
        shown = page(store, f"/map?from=screen-baby&to={to}")
        assert shown.status_code == status
        assert "<svg" in shown.text
        assert 'role="alert"' in shown.text
    assert page(store, "/map?from=nowhere&to=kind:till").status_code == 200


@pytest.fixture
def rebuilt(store: RunningStore) -> Iterator[Any]:
    """Puts walls up; they are gone in the end."""
    walls: list[str] = []

    def happen(*facts: Any) -> None:
        store.do(store.gateway.decide(lambda tx: [tx.emit(fact) for fact in facts]))

    def wall(name: str, *plan: float) -> None:
        walls.append(name)
        happen(FixtureDefined(fixture=name, kind="wall", plan=tuple(plan)))  # type: ignore[arg-type]

    yield wall
    happen(*(FixtureRemoved(fixture=name) for name in walls))


def test_a_way_leads_around_a_wall_from_the_moment_it_stands(store: RunningStore, rebuilt: Any) -> None:
    before = way(store, "screen-baby", "fixture:till-2").route.metres
    rebuilt("new-wall", 18.0, 12.5, 12.0, 0.2)
    after = way(store, "screen-baby", "fixture:till-2").route.metres
    assert after > before + 2
    rebuilt("whole-wall", 0.0, 12.4, 30.0, 0.2)
    with pytest.raises(Refusal) as refused:
        way(store, "screen-baby", "fixture:till-2")
    assert refused.value.code == "no_way"
    shown = page(store, "/map?from=screen-baby&to=fixture:till-2&wide=1")
    assert shown.status_code == 409
    assert say("en", "map.no_wide").replace("'", "&#39;") in shown.text
