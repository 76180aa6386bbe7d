from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_ui import flow
from kiosk_ui.flow import State
from kiosk_ui.screen import Screens
from kiosk_ui.screens.registry import SCREENS
from kiosk_ui.screens.wall import grid, paging
from tests.kiosk_ui.wire import act, after, begin, parse_scene, see, stage, take

if TYPE_CHECKING:
    from collections.abc import Callable


def page(state: State) -> int:
    """The page of coupons that is on the glass."""
    return int(see(state).page)


@pytest.fixture
def state(body: Callable[..., bytes]) -> State:
    return take(begin(), body(7))


def test_a_new_shopper_finds_the_stores_first_language(body: Callable[..., bytes]) -> None:
    assert take(begin(), body(1, languages=["en", "zh-CN"])).language == "en"


def test_a_language_without_texts_is_left_out(body: Callable[..., bytes]) -> None:
    state = take(begin(), body(1, languages=["fr", "en"]))
    assert flow.languages(state) == ("en",)
    assert flow.next_language(state) == "en"


def test_a_store_that_speaks_nothing_we_know_gets_the_default(body: Callable[..., bytes]) -> None:
    assert take(begin(), body(1, languages=["fr"])).language == "zh-CN"


def test_the_language_button_goes_round(state: State) -> None:
    state = flow.switch_language(state, 1)
    assert state.language == "en"
    assert flow.switch_language(state, 2).language == "zh-CN"


def test_new_codes_do_not_take_the_shoppers_language_away(state: State, body: Callable[..., bytes]) -> None:
    state = take(flow.switch_language(state, 1), body(2))
    assert state.language == "en"


def test_a_language_that_the_store_gave_up_is_left(state: State, body: Callable[..., bytes]) -> None:
    state = take(flow.switch_language(state, 1), body(2, languages=["zh-CN"]))
    assert (state.language, state.session.chosen) == ("zh-CN", False)


def test_idling_brings_back_language_letters_and_first_page(state: State) -> None:
    state = act(flow.switch_letters(flow.switch_language(state, 1), 2), "turn", "1", 3)
    still = after(state, 3 + flow.IDLE_S - 1)
    assert (still.language, still.large, page(still)) == ("en", True, 1)
    fresh = after(state, 3 + flow.IDLE_S)
    assert (fresh.language, fresh.large, page(fresh), fresh.touched_at) == ("zh-CN", False, 0, None)
    assert fresh.backdrop.message is state.backdrop.message


def test_idling_does_not_forget_that_the_gateway_is_away(state: State) -> None:
    state = flow.connection(flow.touch(state, 0), connected=False, at=5)
    assert after(state, 100).lost_at == 5


def test_pages_turn_by_themselves_and_go_round(state: State) -> None:
    assert page(after(state, paging.TURN_S - 1)) == 0
    second = after(state, paging.TURN_S)
    assert page(second) == 1
    assert page(after(second, 2 * paging.TURN_S - 1)) == 1
    assert page(after(second, 2 * paging.TURN_S)) == 0


def test_a_touch_stops_the_turning_until_the_kiosk_idles(state: State) -> None:
    touched = flow.touch(state, 1)
    assert after(touched, paging.TURN_S + 5) == touched
    idle = after(touched, 1 + flow.IDLE_S)
    assert page(after(idle, 1 + flow.IDLE_S + paging.TURN_S)) == 1


def test_a_single_page_stays(body: Callable[..., bytes]) -> None:
    state = take(begin(), body(4))
    assert after(state, 1_000_000) == state


def test_the_arrows_go_round(state: State) -> None:
    assert page(act(state, "turn", "-1")) == 1
    assert page(act(act(state, "turn", "1"), "turn", "1")) == 0


def test_a_page_that_is_gone_is_left(state: State, body: Callable[..., bytes]) -> None:
    last = act(flow.switch_letters(state, 0), "turn", "-1", 1)
    assert page(last) == 3
    fewer = take(last, body(3))
    assert page(fewer) == 1
    assert page(after(fewer, 2)) == 0


def test_large_letters_keep_the_first_card_in_sight(state: State) -> None:
    second = act(state, "turn", "1", 1)
    large = flow.switch_letters(second, 2)
    assert len(see(large).cards) == 2
    assert page(large) * 2 <= 4 < (page(large) + 1) * 2
    assert page(flow.switch_letters(large, 3)) == 1


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


@pytest.mark.parametrize(("width", "height"), [(984, 1236), (1824, 558)])
@pytest.mark.parametrize("cards", [0, 1, 2, 3, 4])
def test_cards_fill_the_board_and_do_not_overlap(cards: int, width: int, height: int) -> None:
    places = grid.card_boxes(cards, width, height, 26)
    assert len(places) == cards
    for place in places:
        assert place.x >= 0
        assert place.y >= 0
        assert place.x + place.width <= width
        assert place.y + place.height <= height
    for i, one in enumerate(places):
        for other in places[i + 1 :]:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart_x or apart_y


def test_a_scene_ends_by_itself_and_a_touch_makes_it_last() -> None:
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 10}})
    staged = stage(begin(), scene, 100.0)
    assert after(staged, 109.0).scene.message == scene
    touched = flow.touch(staged, 105.0)
    assert after(touched, 114.0).scene.message == scene
    over = after(touched, 115.0)
    assert (over.scene, page(over)) == (None, 0)
    assert flow.close_scene(staged, 101.0).scene is None


def test_a_wall_does_not_turn_while_a_scene_stands_in_front(state: State) -> None:
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 50}})
    staged = stage(state, scene, 0.0)
    for at in range(1, 51):
        staged = after(staged, float(at))
    assert (staged.scene, page(staged)) == (None, 0)
    assert page(after(staged, 50 + paging.TURN_S - 1)) == 0
    assert page(after(staged, 50 + paging.TURN_S)) == 1


def test_a_chosen_language_stays_while_things_are_held_to_the_scanner() -> None:
    state = flow.switch_language(begin(), 0.0)
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 10}})
    for at in range(0, 200, 20):
        state = after(stage(state, scene, float(at)), at + 11.0)
        assert state.scene is None
        assert state.touched_at == at


def test_no_two_screens_show_the_same_and_one_is_there_at_first() -> None:
    with pytest.raises(ValueError, match="the same message"):
        Screens((*SCREENS, SCREENS[1]))
    with pytest.raises(ValueError, match="before the gateway speaks"):
        Screens(screen for screen in SCREENS if screen.message is not type(None))
