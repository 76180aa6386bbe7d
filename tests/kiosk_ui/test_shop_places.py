"""Coupon and member scenes without a window: codes that end, things that close by themselves, and what is left then."""

from __future__ import annotations

import msgspec
import pytest

from device_drivers.contract import Service
from kiosk_ui import flow, openings, places
from kiosk_ui.gateway import Refused, Unreachable, results
from kiosk_ui.screens.games.handlers import RETRY_S
from kiosk_ui.screens.mine.handlers import Memory
from kiosk_ui.state import changed, keep
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.play_scenes import banks, playing
from tests.kiosk_ui.play_scenes import opened as door
from tests.kiosk_ui.samples import coupon as coupons
from tests.kiosk_ui.samples import mine as members
from tests.kiosk_ui.samples import product_page
from tests.kiosk_ui.test_basket import Counter, gateway, moment, see, worked
from tests.kiosk_ui.wire import begin, take
from words.sentences import say


def opened(address: str, place: object) -> flow.State:
    state = take(begin(), make_body([make_coupon(0)]))
    wall = msgspec.structs.replace(state.backdrop.message, service=Service(address, "code"))
    shown = msgspec.structs.replace(state.backdrop, message=wall)
    return flow.open_place(changed(state, backdrop=shown), place, moment(0))


def test_a_coupon_shows_what_the_wall_knows_until_the_gateway_says_more() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(coupons.ANSWER)
        name = make_coupon(0)["id"]
        state = opened(address, places.Coupon(name))
        assert see(state).card.title
        assert see(state).digits == ""
        seen = see(worked(state))
        assert (seen.digits, seen.saves, len(seen.rules)) == ("739 204", "¥30.00", 4)
        assert [path for path, _ in counter.asked] == [f"/api/v1/screens/coupons/{name}"]


def test_a_code_that_ended_is_hidden_and_asked_for_anew() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(coupons.ANSWER) | {"until_ms": 1000}
        state = worked(opened(address, places.Coupon("milk")))
        assert (see(state).url, see(state).digits) == ("", "")
        assert flow.pass_time(state, moment(2)).jobs


def test_a_coupon_that_is_touched_again_before_the_answer_is_saved_once() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(coupons.ANSWER) | {"claimable": True}
        state = worked(opened(address, places.Coupon("milk")))
        for at in (3.0, 3.1, 3.2):
            state = flow.act(state, "save", "", moment(at))
        state = worked(state, 4)
        assert [path for path, _ in counter.asked if path.endswith("/claim")] == ["/api/v1/screens/coupons/milk/claim"]
        worked(flow.act(state, "paper", "", moment(5)), 6)
        assert counter.asked[-1][0].endswith("/print")


def test_whoever_showed_their_code_saves_it_here_and_paper_is_asked_for() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(coupons.ANSWER) | {"claimable": True}
        state = worked(opened(address, places.Coupon("milk")))
        assert see(state).main
        for touched, asked in (("save", "claim"), ("paper", "print")):
            done = worked(flow.act(state, touched, "", moment(3)))
            assert counter.asked[-1][0] == f"/api/v1/screens/coupons/milk/{asked}"
            assert see(done).said


def test_a_members_things_close_by_themselves_and_nothing_is_left() -> None:
    with gateway() as (counter, address):
        counter.answer = {"left_s": 0}
        state = worked(opened(address, places.Mine()))
        assert see(state).ask
        counter.answer = msgspec.to_builtins(members.ANSWER)
        state = worked(flow.pass_time(state, moment(3)), 3)
        seen = flow.view(state, state.front, moment(4))
        assert (seen.seconds, [fact.value for fact in seen.facts]) == ("44", ["320", "A07", "07"])
        counter.answer = None
        over = worked(flow.pass_time(state, moment(48)), 48)
        assert counter.asked[-1][0] == "/api/v1/screens/mine/end"
        assert flow.view(over, over.front, moment(48)).ask
        assert isinstance(over.front.memory, Memory)
        assert "A07" not in repr(over)


def test_they_stay_open_for_who_asks_for_longer_and_end_at_a_touch() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(members.ANSWER)
        state = worked(opened(address, places.Mine()), 1)
        longer = worked(flow.act(state, "stay", "", moment(30)), 30)
        assert flow.view(longer, longer.front, moment(60)).seconds == "15"
        ended = worked(flow.act(longer, "end", "", moment(61)), 61)
        assert "A07" not in repr(ended)
        assert "/api/v1/screens/mine/end" in {path for path, _ in counter.asked}


def test_the_gateway_hears_that_somebody_is_done_before_the_next_one_scans() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(members.ANSWER)
        state = worked(opened(address, places.Mine()), 1)
        gone = flow.wipe(state, moment(2), "done")
        assert state.session.id not in repr(gone)
        ((_, job),) = gone.jobs
        list(job())
        assert counter.asked[-1] == ("/api/v1/screens/end", {})
        assert flow.wipe(gone, moment(3)).jobs == (), "nobody was there"


def test_a_door_is_asked_for_once_also_where_no_answer_came() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(banks("en"))
        state = flow.act(worked(opened(address, places.Lockers())), "to", "sizes", moment(2))
        counter.status, counter.answer = 500, {}
        for at in (3, 20):
            state = worked(flow.act(state, "deposit", "", moment(at)), at + 1)
            assert isinstance(state.front.memory.problem, Unreachable)
        counter.status, counter.answer = 200, msgspec.to_builtins(door("en", "closed"))
        state = flow.act(worked(flow.act(state, "deposit", "", moment(40)), 41), "leave", "", moment(50))
        assert len(requests(counter)) == 1, "the door that may stand open already"
        state = flow.act(state, "to", "sizes", moment(51))
        worked(flow.act(state, "deposit", "", moment(52)), 53)
        assert len(requests(counter)) == 2, "another thing, another door"


def test_another_size_is_another_door_also_where_no_answer_came() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(banks("en"))
        state = flow.act(worked(opened(address, places.Lockers())), "to", "sizes", moment(2))
        free = [size for size, count in state.front.memory.here.free.items() if count]
        counter.status, counter.answer = 500, {}
        for at, size in enumerate((free[0], free[0], free[-1])):
            state = flow.act(state, "size", size, moment(3 + 20 * at))
            state = worked(flow.act(state, "deposit", "", moment(4 + 20 * at)), 5 + 20 * at)
        assert len(free) > 1
        assert len(requests(counter)) == 2


@pytest.mark.parametrize(("stage", "missed", "last"), [("open", 4, "closed"), ("sent", 2, "closed"), ("sent", 3, "")])
def test_a_look_that_nobody_answers_is_no_news_of_a_door(
    monkeypatch: pytest.MonkeyPatch, stage: str, missed: int, last: str
) -> None:
    monkeypatch.setattr(openings, "LOOK_S", 0)
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(banks("en"))
        state = flow.act(worked(opened(address, places.Lockers())), "to", "sizes", moment(2))
        state = flow.act(state, "deposit", "", moment(3))
        counter.answer = msgspec.to_builtins(door("en", stage))
        job = results(state.jobs[-1][1])
        assert next(job).stage == stage
        counter.status = 500
        said = [next(job) for _ in range(missed - (not last))]
        assert set(said) == {None}
        counter.answer = msgspec.to_builtins(door("en", "closed"))
        if last:
            counter.status = 200
            assert next(job).stage == last
        else:
            assert isinstance(next(job), Unreachable)


def test_why_no_door_opens_is_read_in_the_language_that_is_chosen_then() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(banks("zh-CN"))
        state = flow.act(worked(opened(address, places.Lockers())), "to", "sizes", moment(2))
        counter.status, counter.answer = 409, {"code": "locker_away", "detail": "柜子没有回应"}
        state = changed(worked(flow.act(state, "deposit", "", moment(3)), 4), jobs=())
        assert see(state).offline == "柜子没有回应"
        counter.status, counter.answer = 200, msgspec.to_builtins(banks("en"))
        state = worked(flow.pass_time(flow.switch_language(state, 5), moment(6)), 7)
        assert see(state).offline == say("en", "refusals.locker_away")
        assert see(flow.act(state, "to", "digits", moment(8))).offline == ""


def test_why_a_coupon_or_a_product_is_refused_is_read_in_the_language_that_is_chosen_then() -> None:
    for place, right, touched, code in (
        (places.Coupon("milk"), coupons.ANSWER, "save", "coupon_gone"),
        (places.Product(product_page.GTIN), product_page.whole(), "add", "basket_full"),
    ):
        with gateway() as (counter, address):
            counter.answer = msgspec.to_builtins(right)
            state = worked(opened(address, place))
            counter.status, counter.answer = 409, {"code": code, "detail": "不行"}
            state = worked(flow.act(state, touched, "", moment(3)), 4)
            assert refusal(state) == "不行"
            state = flow.switch_language(state, 5)
            assert refusal(state) == say("en", f"refusals.{code}"), "before it is asked"
            counter.status, counter.answer = 200, msgspec.to_builtins(right)
            state = worked(flow.pass_time(state, moment(6)), 7)
            assert refusal(state) == say("en", f"refusals.{code}")


def refusal(state: flow.State) -> str:
    """What stands on the screen of what was refused."""
    seen = see(state)
    return str(seen.said or seen.offline)


def test_why_a_game_is_refused_is_read_in_the_language_that_is_chosen_then() -> None:
    state = opened("http://127.0.0.1:9", places.Games())
    state = keep(state, state.front.key, playing("zh-CN", count=2))
    why = Refused("round_over", "这一轮已结束", language="zh-CN")
    state = flow.take_result(state, state.front.key, why, moment(3))
    assert see(state).offline == why.sentence
    state = flow.pass_time(flow.switch_language(state, 4), moment(5))
    english = playing("en", count=2)
    for said in (english.games, english.round):
        state = flow.take_result(state, state.front.key, said, moment(6))
    assert see(state).offline == say("en", "refusals.round_over")
    over = flow.pass_time(state, moment(3 + RETRY_S))
    assert see(over).offline == ""


def test_a_door_that_is_asked_for_is_not_left_before_it_is_told() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(banks("en"))
        state = flow.act(worked(opened(address, places.Lockers())), "to", "sizes", moment(2))
        counter.answer = msgspec.to_builtins(door("en", "closed"))
        asked = flow.act(flow.act(state, "deposit", "", moment(3)), "leave", "", moment(3.5))
        assert len(asked.jobs) == 1, "nothing else begins, which would put an end to it"
        asked = flow.home(flow.open_place(asked, places.Help(), moment(3.6)), moment(3.7))
        assert asked.front.message == places.Lockers(), "no farther than to where the door will be told"
        told = worked(asked, 4)
        assert told.front.memory.opened is not None
        assert flow.act(told, "leave", "", moment(9)).front.memory.stage == "start"
        assert flow.home(told, moment(9)).front.message != places.Lockers()


def test_a_product_whose_putting_in_nobody_answered_is_put_in_once() -> None:
    with gateway() as (counter, address):
        counter.answer = msgspec.to_builtins(product_page.whole())
        state = worked(opened(address, places.Product(product_page.GTIN)))
        for at, (status, answer) in enumerate(((500, {}), (200, {"pieces": 1}), (200, {"pieces": 2})), 3):
            counter.status, counter.answer = status, answer
            state = worked(flow.act(state, "add", "", moment(at)), at)
        asked = [body["request"] for path, body in counter.asked if path.endswith("/basket/lines")]
        assert [asked.index(each) for each in asked] == [0, 0, 2], "the next touch is another piece"


def requests(counter: Counter) -> set[str]:
    """The names under which doors were asked for."""
    return {body["request"] for path, body in counter.asked if path.endswith("/deposit")}
