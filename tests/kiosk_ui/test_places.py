"""Places that are opened by touch, one in front of the other, and what is left of whoever opened them: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import SessionEnded
from device_drivers.contract.answers.basket import ParkingCode, ScreenBasket
from kiosk_ui import flow, places
from kiosk_ui.jobs import JobFailed
from kiosk_ui.screen import Context, Moment, Screen, Screens, Step
from kiosk_ui.screens.games.handlers import STILL_S
from kiosk_ui.screens.games.handlers import Memory as GamesMemory
from kiosk_ui.screens.lockers.handlers import Memory as LockersMemory
from kiosk_ui.screens.registry import SCREENS
from kiosk_ui.state import changed, keep
from tests.kiosk_ui.play_scenes import banks, opened
from tests.kiosk_ui.wire import NOW, after, parse, parse_scene

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = {"gateway": "http://127.0.0.1:9", "code": "screen-baby.-.s.x"}


class Note(msgspec.Struct, frozen=True):
    """What the place of this test remembers."""

    said: str = ""
    asks: bool = False


def say(_context: Context[places.Mine, Note], argument: str) -> Step[Note]:
    return Step(Note(argument))


def ask(context: Context[places.Mine, Note], _argument: str) -> Step[Note]:
    def job() -> Iterator[str]:
        yield "answer"

    return Step(Note(context.memory.said, asks=True), job)


MINE = Screen(
    message=places.Mine,
    view=lambda context: (context.memory, context.language),
    widget="nowhere:Nothing",
    start=lambda _at: Note(),
    on_touch={
        "say": say,
        "ask": ask,
        "back": lambda context, _: Step(context.memory, back=True),
        "home": lambda context, _: Step(context.memory, home=True),
        "end": lambda context, _: Step(context.memory, end=True),
    },
    on_result=lambda _context, result: Note(result),
    busy=lambda note: note.asks,
)
ALL = Screens((*(screen for screen in SCREENS if screen.message is not places.Mine), MINE))


def at(seconds: float) -> Moment:
    return Moment(seconds, NOW)


@pytest.fixture
def wall(body: Callable[..., bytes]) -> flow.State:
    message = parse(body(4, service=SERVICE))
    return flow.show_backdrop(flow.begin(ALL, 0.0), ALL.of(message), message, 0.0)


def names(state: flow.State) -> list[str]:
    return [places.name_of(type(shown.message)) for shown in state.stack]


def test_a_touch_anywhere_opens_the_home_where_there_is_a_gateway(wall: flow.State, body: Callable[..., bytes]) -> None:
    home = flow.touched_anywhere(wall, at(1))
    assert home is not None
    assert names(home) == ["home"]
    assert len(home.jobs) == 1, "it asks what there is"
    assert flow.touched_anywhere(home, at(2)) is None
    poster = parse(body(4))
    assert flow.touched_anywhere(flow.show_backdrop(wall, ALL.of(poster), poster, 1.0), at(1)) is None


def test_what_the_next_touch_may_open_is_known_before(wall: flow.State) -> None:
    assert list(flow.likely(flow.begin(ALL, 0.0), at(1))) == [], "the gateway has not spoken"
    assert [names(state) for state in flow.likely(wall, at(1))] == [["home"], ["product"]]
    ahead = list(flow.likely(flow.open_place(wall, places.Home(), at(1)), at(2)))
    assert [names(state) for state in ahead] == [["home"], ["home", "product"], ["home", "offers"]]
    assert [state.session.letters for state in ahead] == ["large", "normal", "normal"]


def test_places_stand_one_behind_the_other(wall: flow.State) -> None:
    state = flow.open_place(flow.open_place(wall, places.Home(), at(1)), places.Mine(), at(2))
    assert names(state) == ["home", "mine"]
    assert flow.open_place(state, places.Mine(), at(3)).stack == state.stack, "a second tap opens nothing twice"
    assert names(flow.back(state, at(3))) == ["home"]
    assert names(flow.back(flow.back(state, at(3)), at(4))) == []
    assert flow.back(wall, at(3)).stack == ()
    deep = flow.open_place(state, places.Offers(), at(4))
    assert names(flow.home(deep, at(5))) == ["home"]
    assert names(flow.act(state, "home", "", at(5))) == ["home"]
    assert names(flow.act(state, "back", "", at(5))) == ["home"]


def test_whoever_opens_for_ever_does_not_fill_the_memory(wall: flow.State) -> None:
    state = wall
    for step in range(500):
        state = flow.open_place(state, _in_turn(step), at(step))
        state = msgspec.structs.replace(state, jobs=())
    assert len(state.stack) == flow.DEEPEST


def _in_turn(step: int) -> Any:
    return (places.Offers(), places.Mine())[step % 2]


def test_new_offers_leave_the_places_where_they_are(wall: flow.State, body: Callable[..., bytes]) -> None:
    state = flow.act(flow.open_place(wall, places.Mine(), at(1)), "say", "hello", at(2))
    other = parse(body(2, service=SERVICE))
    newer = flow.show_backdrop(state, ALL.of(other), other, 3.0)
    assert newer.front.memory == Note("hello")


def test_an_answer_is_for_whoever_asked_and_for_nobody_else(wall: flow.State) -> None:
    asked = flow.act(flow.open_place(wall, places.Mine(), at(1)), "ask", "", at(2))
    ((key, _job),) = asked.jobs
    assert flow.take_result(asked, key, "answer", at(3)).front.memory == Note("answer")
    left = flow.open_place(flow.back(asked, at(3)), places.Mine(), at(4))
    assert flow.take_result(left, key, "answer", at(5)).front.memory == Note()
    assert key not in flow.working(left)


def test_whoever_comes_back_to_what_is_asked_for_still_gets_the_answer(wall: flow.State) -> None:
    """A door that opens goes on being followed, though somebody called for help meanwhile."""
    waiting = LockersMemory(banks("en"), stage="sizes", asking=True, waits=True)
    state = flow.open_place(wall, places.Lockers(), at(1))
    key = state.front.key
    state = flow.open_place(keep(changed(state, jobs=()), key, waiting), places.Help(), at(2))
    back = flow.back(changed(state, jobs=()), at(3))
    assert (back.front.memory, back.jobs) == (waiting, ())
    assert flow.take_result(back, key, opened("en", "open"), at(4)).front.memory.stage == "door"
    after_it = flow.back(keep(state, key, msgspec.structs.replace(waiting, waits=False)), at(3))
    assert [each for each, _ in after_it.jobs[-1:]] == [key], "what is not waited for is asked anew"


def test_phones_that_play_no_more_hold_no_screen(wall: flow.State) -> None:
    state = flow.open_place(wall, places.Games(), at(1))
    playing = GamesMemory(language="zh-CN", changed_at=1.0, asking=True, waits=True)
    state = flow.open_place(keep(state, state.front.key, playing), places.Help(), at(2))
    assert flow.busy(state)
    assert not flow.busy(flow.pass_time(state, at(1 + STILL_S)))


@pytest.mark.parametrize("place", [places.Games(), places.Lockers(), places.Search()])
def test_what_failed_is_not_asked_for_again_at_once(wall: flow.State, place: object) -> None:
    state = changed(flow.open_place(wall, place, at(1)), jobs=())
    failed = flow.take_result(state, state.front.key, JobFailed(), at(2))
    assert not flow.busy(failed)
    waits = after(failed, 1 + flow.FAILED_S)
    assert waits.jobs == ()
    assert [key for key, _ in after(waits, 2 + flow.FAILED_S).jobs] == [state.front.key]


def test_the_question_comes_and_is_answered(wall: flow.State) -> None:
    state = flow.open_place(wall, places.Home(), at(0))
    assert after(state, flow.IDLE_S - 1).question is None
    asked = after(state, flow.IDLE_S)
    assert asked.question is not None
    assert flow.touch(asked, flow.IDLE_S + 1) == asked, "a touch beside its keys is no answer"
    on = flow.act(asked, "go_on", "", at(flow.IDLE_S + 10))
    assert (on.question, names(on), on.touched_at) == (None, ["home"], flow.IDLE_S + 10)
    assert flow.act(asked, "end", "", at(70)).stack == ()
    gone = after(asked, flow.IDLE_S + flow.ANSWER_S)
    assert (gone.stack, gone.question, gone.session.id, gone.touched_at) == ((), None, "", None)


def test_the_question_shows_what_the_basket_can_be_taken_with(wall: flow.State) -> None:
    state = flow.pass_time(flow.open_place(wall, places.Mine(), at(1)), at(62))
    assert state.question is not None
    ((key, _),) = [each for each in state.jobs if each[0] == state.question.key]
    told = flow.take_result(state, key, ScreenBasket(3, code=ParkingCode("http://x/b/1", "4712")), at(63))
    assert told.question is not None
    view = flow.view(told, told.question, at(63))
    assert (view.digits, view.url, bool(view.kept)) == ("4712", "http://x/b/1", True)
    assert told.touched_at == state.touched_at, "an answer is nobody's touch"
    empty = flow.take_result(state, key, ScreenBasket(0, code=ParkingCode("http://x/b/1", "4712")), at(63))
    assert empty.question is not None
    assert not flow.view(empty, empty.question, at(63)).digits
    theirs = flow.adjust(flow.open_place(wall, places.Mine(), at(1)), 1, member=True)
    asked = flow.pass_time(theirs, at(62))
    assert asked.question is not None
    assert all(each != asked.question.key for each, _ in asked.jobs), "a member's own is on their phone"


def test_twenty_seconds_to_answer_and_ten_times_more(wall: flow.State) -> None:
    assert flow.ANSWER_S >= 20
    state, seconds = flow.open_place(wall, places.Home(), at(0)), 0.0
    for _ in range(flow.MAX_EXTENSIONS):
        seconds += flow.IDLE_S
        state = flow.act(after(state, seconds), "go_on", "", at(seconds))
        assert names(state) == ["home"]
    state = flow.act(after(state, seconds + flow.IDLE_S), "go_on", "", at(seconds + flow.IDLE_S))
    assert state.stack == (), "a wet glass asks for ever"


def test_a_wet_glass_is_nobody(wall: flow.State) -> None:
    state, seconds = flow.open_place(wall, places.Home(), at(0)), 0.0
    while state.stack and seconds < 3600:
        seconds += 1
        state = after(flow.touch(state, seconds), seconds)
    assert seconds == flow.LEADS_S - 1 + flow.IDLE_S + flow.ANSWER_S


def test_whoever_needs_everything_low_has_three_times_as_long(wall: flow.State) -> None:
    state = flow.switch_reach(flow.open_place(wall, places.Home(), at(0)), 0.0)
    assert after(state, 3 * flow.IDLE_S - 1).question is None
    asked = after(state, 3 * flow.IDLE_S)
    assert asked.question is not None
    assert after(asked, 3 * (flow.IDLE_S + flow.ANSWER_S) - 1).stack
    assert after(asked, 3 * (flow.IDLE_S + flow.ANSWER_S)).stack == ()


def test_nobody_is_asked_while_the_gateway_is(wall: flow.State) -> None:
    asked = flow.act(flow.open_place(wall, places.Mine(), at(0)), "ask", "", at(0))
    assert after(asked, 1000.0).question is None


def test_the_next_person_has_another_session_and_finds_nothing(wall: flow.State) -> None:
    canary = "4711-canary"
    state = flow.switch_letters(flow.switch_language(flow.open_place(wall, places.Mine(), at(0)), 0.0), 0.0)
    first = state.session.id
    state = flow.act(state, "say", canary, at(1))
    assert canary in repr(state)
    clean = flow.act(state, "end", "", at(2))
    assert canary not in repr(clean)
    assert first not in repr(clean)
    assert (clean.language, clean.large) == ("zh-CN", False)
    second = flow.open_place(clean, places.Mine(), at(3)).session.id
    assert second
    assert second != first


def test_of_whoever_went_it_is_told_how_the_screen_was_used(wall: flow.State) -> None:
    state = flow.open_place(flow.open_place(wall, places.Home(), at(10)), places.Mine(), at(12))
    state = flow.act(state, "say", "a secret", at(14))
    state = flow.open_place(flow.back(state, at(15)), places.Mine(), at(16))
    (done,) = flow.act(state, "end", "", at(50)).ended
    assert done == SessionEnded(40_000, "done", 2, {"home": 1, "mine": 2})
    (idle,) = flow.pass_time(flow.pass_time(state, at(80)), at(106)).ended
    assert (idle.ms, idle.end) == (6000, "idle"), "until the last touch, not until nobody answered"
    assert flow.wipe(wall, at(5)).ended == (), "nobody was there"


def test_a_key_that_begins_in_another_language(wall: flow.State) -> None:
    english = flow.act(wall, "start", "en", at(1))
    assert (names(english), english.language, english.session.chosen) == (["home"], "en", True)
    assert flow.act(wall, "start", "", at(1)).language == "zh-CN"
    assert flow.act(wall, "start", "fr", at(1)).language == "zh-CN", "the store does not speak it"


def test_a_scene_stands_before_the_places_and_goes(wall: flow.State) -> None:
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 10}})
    assert scene is not None
    home = flow.open_place(wall, places.Home(), at(0))
    shown = flow.show_scene(home, ALL.of(scene), scene, at(1))
    assert shown.front is shown.scene
    assert names(after(shown, 12.0)) == ["home"]
    assert flow.back(shown, at(2)).front.message == places.Home()


def test_a_scene_that_stands_for_a_place_opens_it_where_there_is_a_gateway(
    wall: flow.State, body: Callable[..., bytes]
) -> None:
    scene = parse_scene({"scene": {"type": "notice", "title": {"en": "x"}, "seconds": 10}})
    assert scene is not None
    stands = msgspec.structs.replace(ALL.of(scene), as_place=lambda _scene: places.Mine())
    opened = flow.show_scene(flow.open_place(wall, places.Home(), at(0)), stands, scene, at(1))
    assert (names(opened), opened.scene) == (["home", "mine"], None)
    poster = parse(body(4))
    alone = flow.show_backdrop(wall, ALL.of(poster), poster, 1.0)
    assert flow.show_scene(alone, stands, scene, at(1)).scene is not None


def test_every_place_has_a_name_that_leads_to_it() -> None:
    assert ALL.place("mine") == places.Mine()
    assert ALL.place("help") == places.Help()
    assert places.made(places.Product, "0952").gtin == "0952"
    assert places.made(places.Map, "till").to == "till"
    assert places.name_of(places.Lockers) == "lockers"
    assert places.name_of(str) == ""
    assert places.name_of(type(None)) == ""
    with pytest.raises(LookupError, match="no screen shows a place 'moon'"):
        ALL.place("moon")


def test_a_place_that_is_about_something_needs_it() -> None:
    with pytest.raises(LookupError, match="'product' is about something"):
        places.made(places.Product)
