from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_ui import flow, grid
from kiosk_ui.flow import State
from tests.kiosk_ui.wire import parse, parse_scene

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def state(body: Callable[..., bytes]) -> State:
    return flow.take(State(), parse(body(7)))


def test_a_new_shopper_finds_the_stores_first_language(body: Callable[..., bytes]) -> None:
    assert flow.take(State(), parse(body(1, languages=["en", "zh-CN"]))).language == "en"


def test_a_language_without_texts_is_left_out(body: Callable[..., bytes]) -> None:
    state = flow.take(State(), parse(body(1, languages=["fr", "en"])))
    assert flow.languages(state) == ("en",)
    assert flow.next_language(state) == "en"


def test_a_store_that_speaks_nothing_we_know_gets_the_default(body: Callable[..., bytes]) -> None:
    assert flow.take(State(), parse(body(1, languages=["fr"]))).language == "zh-CN"


def test_the_language_button_goes_round(state: State) -> None:
    state = flow.switch_language(state, 1)
    assert state.language == "en"
    assert flow.switch_language(state, 2).language == "zh-CN"


def test_new_codes_do_not_take_the_shoppers_language_away(state: State, body: Callable[..., bytes]) -> None:
    state = flow.take(flow.switch_language(state, 1), parse(body(2)))
    assert state.language == "en"


def test_a_language_that_the_store_gave_up_is_left(state: State, body: Callable[..., bytes]) -> None:
    state = flow.take(flow.switch_language(state, 1), parse(body(2, languages=["zh-CN"])))
    assert (state.language, state.chosen) == ("zh-CN", False)


def test_idling_brings_back_language_letters_and_first_page(state: State) -> None:
    state = flow.turn(flow.switch_large(flow.switch_language(state, 1), 2), 1, 4, 3)
    still = flow.pass_time(state, 4, 3 + flow.IDLE_S - 1)
    assert (still.language, still.large, still.page) == ("en", True, 1)
    fresh = flow.pass_time(state, 4, 3 + flow.IDLE_S)
    assert (fresh.language, fresh.large, fresh.page, fresh.touched_at) == ("zh-CN", False, 0, None)
    assert fresh.wall is state.wall


def test_idling_does_not_forget_that_the_gateway_is_away(state: State) -> None:
    state = flow.connection(flow.touch(state, 0), connected=False, at=5)
    assert flow.pass_time(state, 1, 100).lost_at == 5


def test_pages_turn_by_themselves_and_go_round(state: State) -> None:
    assert flow.pass_time(state, 2, flow.TURN_S - 1).page == 0
    second = flow.pass_time(state, 2, flow.TURN_S)
    assert second.page == 1
    assert flow.pass_time(second, 2, 2 * flow.TURN_S - 1).page == 1
    assert flow.pass_time(second, 2, 2 * flow.TURN_S).page == 0


def test_a_touch_stops_the_turning_until_the_kiosk_idles(state: State) -> None:
    touched = flow.touch(state, 1)
    assert flow.pass_time(touched, 2, flow.TURN_S + 5) == touched
    idle = flow.pass_time(touched, 2, 1 + flow.IDLE_S)
    assert flow.pass_time(idle, 2, 1 + flow.IDLE_S + flow.TURN_S).page == 1


def test_a_single_page_stays(state: State) -> None:
    assert flow.pass_time(state, 1, 1_000_000) == state


def test_the_arrows_go_round(state: State) -> None:
    assert flow.turn(state, -1, 2, 1).page == 1
    assert flow.turn(flow.turn(state, 1, 2, 1), 1, 2, 2).page == 0


def test_a_page_that_is_gone_is_left(state: State) -> None:
    assert flow.pass_time(flow.turn(state, -1, 4, 1), 2, 2).page == 0


def test_large_letters_keep_the_first_card_in_sight(state: State) -> None:
    second = flow.turn(state, 1, 2, 1)
    large = flow.switch_large(second, 2)
    assert flow.per_page(large) == 2
    assert large.page * 2 <= 4 < (large.page + 1) * 2
    assert flow.switch_large(large, 3).page == 1


def test_the_connection_is_lost_once_and_found_once(state: State) -> None:
    lost = flow.connection(state, connected=False, at=7)
    assert lost.lost_at == 7
    assert flow.connection(lost, connected=False, at=9) is lost
    found = flow.connection(lost, connected=True, at=11)
    assert found.lost_at is None
    assert flow.connection(found, connected=True, at=12) is found


@pytest.mark.parametrize(
    ("coupons", "per_page", "pages"),
    [
        (0, 4, [0]),
        (1, 4, [1]),
        (4, 4, [4]),
        (5, 4, [3, 2]),
        (7, 4, [4, 3]),
        (9, 4, [3, 3, 3]),
        (3, 2, [2, 1]),
        (7, 2, [2, 2, 2, 1]),
    ],
)
def test_pages_are_spread_evenly(coupons: int, per_page: int, pages: list[int]) -> None:
    assert grid.pages(coupons, per_page) == pages


@pytest.mark.parametrize("cards", [0, 1, 2, 3, 4])
def test_cards_fill_the_board_and_do_not_overlap(cards: int) -> None:
    places = grid.places(cards, 984, 1236, 26)
    assert len(places) == cards
    for place in places:
        assert place.x >= 0
        assert place.y >= 0
        assert place.x + place.width <= 984
        assert place.y + place.height <= 1236
    for i, one in enumerate(places):
        for other in places[i + 1 :]:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart_x or apart_y


def test_a_scene_ends_by_itself_and_a_touch_makes_it_last() -> None:
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 10}})
    staged = flow.stage(flow.State(), scene, 100.0)
    assert flow.pass_time(staged, 3, 109.0).scene == scene
    touched = flow.touch(staged, 105.0)
    assert flow.pass_time(touched, 3, 114.0).scene == scene
    after = flow.pass_time(touched, 3, 115.0)
    assert (after.scene, after.page) == (None, 0)
    assert flow.stage(staged, None, 101.0).scene is None


def test_a_chosen_language_stays_while_things_are_held_to_the_scanner() -> None:
    state = flow.switch_language(flow.State(), 0.0)
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 10}})
    for at in range(0, 200, 20):
        state = flow.pass_time(flow.stage(state, scene, float(at)), 1, at + 11.0)
        assert state.scene is None
        assert state.touched_at == at
