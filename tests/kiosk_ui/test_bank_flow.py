from __future__ import annotations

import json
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import BankKeypad, CouponWall
from device_drivers.contract.answers.lockers import Fee
from kiosk_ui import flow, openings
from kiosk_ui.flow import State
from kiosk_ui.gateway_routes import GatewayRoutes
from kiosk_ui.jobs import JobRunner
from kiosk_ui.screen import Moment
from kiosk_ui.screens.bank import handlers
from kiosk_ui.screens.bank.collecting import collect
from kiosk_ui.screens.bank.handlers import Memory
from kiosk_ui.screens.bank.progress import Progress
from tests.kiosk_ui.wire import NOW, act, after, begin, parse, see, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def scene(gateway: str = "http://127.0.0.1:1") -> BankKeypad:
    bank = {
        "id": "locker-a",
        "name": {"zh-CN": "A组", "en": "Bank A"},
        "code": "locker-a.abcd",
        "url": f"{gateway}/t/locker-a.abcd",
        "gateway": gateway,
    }
    body = {"schema": 1, "store": {"name": {"en": "Store"}}, "languages": ["zh-CN", "en"], "bank": bank}
    made = parse(json.dumps(body).encode())
    assert isinstance(made, BankKeypad)
    return made


def typed(text: str, state: State | None = None, at: float = 0.0) -> State:
    state = state or take(begin(), scene())
    for digit in text:
        state = act(state, "press", digit, at)
    return state


def memory(state: State) -> Memory:
    found = state.backdrop.memory
    assert isinstance(found, Memory)
    return found


def answer(state: State, progress: Progress, at: float) -> State:
    return flow.take_result(state, state.backdrop.key, progress, Moment(at, NOW))


def test_six_digits_and_no_more() -> None:
    assert not see(typed("12345")).ready
    assert see(typed("123456")).ready
    assert memory(typed("1234567")).digits == "123456"
    assert memory(act(typed("12"), "press", "back")).digits == "1"


def test_five_digits_ask_nothing() -> None:
    state = flow.act(typed("12345"), "open", "", Moment(0, NOW))
    assert not state.jobs
    assert not flow.busy(state)


def test_an_answer_takes_the_digits_off_the_glass_and_makes_way() -> None:
    asked = flow.act(typed("123456"), "open", "", Moment(0, NOW))
    assert len(asked.jobs) == 1
    assert flow.busy(asked)
    pressed = act(asked, "press", "back")
    assert (memory(pressed), pressed.jobs) == (memory(asked), asked.jobs)
    open_door = answer(asked, Progress("ok", "open", door="05"), 10)
    assert (memory(open_door).digits, memory(open_door).asking) == ("", True)
    closed = answer(open_door, Progress("ok", "closed", door="05", done=True), 12)
    assert not flow.busy(closed)
    assert memory(after(closed, 12 + handlers.DONE_S)) == Memory()
    fresh = take(begin(), scene())
    assert answer(fresh, Progress("ok", "late"), 13) == fresh, "nobody waits for it any more"


def test_the_pause_of_the_bank_outlives_the_answer() -> None:
    state = answer(act(typed("123456"), "open"), Progress("bad", "wait", done=True, wait_s=60), 100)
    state = typed("123456", act(state, "dismiss", at=100), 100)
    assert (handlers.pause_left_s(memory(state), 100.5), see(state, 100.5).ready) == (60, False)
    assert see(state, 160).ready


def test_a_screen_takes_a_bank_a_wall_and_neither(body: Callable[..., bytes]) -> None:
    state = take(begin(), scene())
    assert isinstance(state.backdrop.message, BankKeypad)
    assert isinstance(take(state, body(2)).backdrop.message, CouponWall)
    for broken in (b"{}", b'{"schema":1,"bank":{}}', b"[]", b"\xff"):
        with pytest.raises(ValueError, match="desired body"):
            parse(broken)


def test_an_idle_screen_forgets_the_digits_and_keeps_the_bank() -> None:
    state = flow.switch_language(typed("123"), 0.0)
    idle = after(state, flow.IDLE_S)
    assert (memory(idle).digits, idle.language) == ("", "zh-CN")
    assert isinstance(idle.backdrop.message, BankKeypad)


def test_nobody_is_sent_away_while_the_gateway_is_asked() -> None:
    asked = act(flow.switch_language(typed("123456"), 0.0), "open")
    assert after(asked, flow.IDLE_S + 1).language == "en"


def test_the_glass_says_when_the_bank_takes_digits_again() -> None:
    state = answer(act(typed("123456"), "open"), Progress("bad", "wait", done=True, wait_s=58), 0.2)
    seen = see(flow.switch_language(act(state, "dismiss"), 0.0))
    assert "59\u00a0s" in seen.note
    assert seen.warns
    assert seen.url == "http://127.0.0.1:1/t/locker-a.abcd"


class Told:
    """What a job says, in order."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self._news = threading.Condition()

    def __call__(self, _key: int, said: Any) -> None:
        with self._news:
            self.said.append(said)
            self._news.notify_all()

    def wait(self, count: int) -> list[Any]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.said) >= count, 60)
        return self.said


@pytest.fixture
def server() -> Iterator[Callable[[list[tuple[int, dict[str, Any]]]], tuple[str, list[Any]]]]:
    """A gateway that says what a test wants: the real one is asked in `bank_cases.py`."""
    running: list[ThreadingHTTPServer] = []

    def start(answers: list[tuple[int, dict[str, Any]]]) -> tuple[str, list[Any]]:
        heard: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                heard.append((self.path, self.headers["Accept-Language"], self.rfile.read(length)))
                status, found = answers.pop(0)
                if status == 0:
                    self.connection.close()
                    return
                body = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _answer  # noqa: N815 - as http.server has it

            def log_message(self, *_: Any) -> None:
                pass

        made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        made.daemon_threads = True
        running.append(made)
        threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{made.server_address[1]}", heard

    yield start
    for each in running:
        each.shutdown()
        each.server_close()


def opening(stage: str, *, done: bool = False) -> dict[str, Any]:
    return {"opening": "o1", "door": "05", "stage": stage, "done": done, "sentence": stage, "advice": None}


def test_a_lost_answer_is_asked_for_again_under_the_same_request(server: Any) -> None:
    address, heard = server(
        [(0, {}), (202, opening("asked")), (200, opening("open")), (200, opening("closed", done=True))]
    )
    told = Told()
    JobRunner(told).begin(1, partial(collect, scene(address), "123456", 0, "en", GatewayRoutes()))
    assert [said.sentence for said in told.wait(3)] == ["asked", "open", "closed"]
    requests = [json.loads(body)["request"] for path, _, body in heard if path.endswith("collect")]
    assert len(requests) == 2
    assert len(set(requests)) == 1
    assert {language for _, language, _ in heard} == {"en"}


@pytest.mark.parametrize(
    ("stage", "missed", "said"),
    [("open", 4, ["open", "closed"]), ("asked", 2, ["asked", "closed"]), ("asked", 3, ["asked", ""])],
)
def test_a_look_that_nobody_answers_is_no_news_of_a_door(
    server: Any, monkeypatch: pytest.MonkeyPatch, stage: str, missed: int, said: list[str]
) -> None:
    monkeypatch.setattr(openings, "LOOK_S", 0)
    looks = [(500, {}), (0, {})] * missed
    address, _ = server([(202, opening(stage)), *looks[:missed], (200, opening("closed", done=True))])
    found = [each for each in collect(scene(address), "123456", 0, "en", GatewayRoutes()) if each]
    assert [each.sentence for each in found] == said
    assert (found[-1].lost, found[-1].done) == (said[-1] == "", True)


@pytest.mark.parametrize(("seconds", "wait_s"), [(60, 60), (None, 0), ("soon", 0)])
def test_a_refusal_is_said_with_its_pause(server: Any, seconds: Any, wait_s: int) -> None:
    address, _ = server([(429, {"code": "parcel_wait", "detail": "please wait", "seconds": seconds})])
    told = Told()
    JobRunner(told).begin(1, partial(collect, scene(address), "123456", 0, "en", GatewayRoutes()))
    (said,) = told.wait(1)
    assert (said.tone, said.sentence, said.wait_s, said.done) == ("bad", "please wait", wait_s, True)


def test_a_late_fee_is_told_before_the_door_opens(server: Any) -> None:
    due = {"asks": 400, "money": "¥4.00", "door": "05", "size": "S"}
    address, heard = server([(200, due), (202, opening("closed", done=True))])
    state = take(begin(), scene(address))
    for agreed in (0, 400):
        told, asked = Told(), act(typed("123456", state) if not agreed else state, "open")
        assert memory(asked).progress is None, "nothing is agreed to twice"
        JobRunner(told).begin(1, asked.jobs[-1][1])
        state = answer(asked, told.wait(1)[0], 10)
        assert [json.loads(body)["agreed"] for _, _, body in heard][-1] == agreed
        assert memory(act(state, "press", "7", 11)).digits == ("" if agreed else "123456")
    assert (see(state, 10).answer.sentence, memory(state).digits) == ("closed", "")


def test_a_late_fee_that_nobody_agrees_to_opens_nothing() -> None:
    fee = Progress("ask", "", door="05", done=True, fee=Fee(400, "¥4.00", "05"))
    asked = answer(act(typed("123456"), "open"), fee, 10)
    shown = see(flow.switch_language(asked, 10), 10).answer
    assert (shown.sentence, shown.agree) == ("Longer than agreed: ¥4.00", "Agree to ¥4.00 and open")
    assert "locker 05" in shown.advice
    assert memory(act(asked, "dismiss", at=11)) == Memory()
    assert memory(after(asked, 10 + handlers.ASK_S - 1)).progress is not None
    assert memory(after(asked, 10 + handlers.ASK_S)) == Memory()


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"nothing": 1}),
        (202, {"opening": "x"}),
        (200, {"asks": "much"}),
        (202, []),
        (202, None),
    ],
)
def test_rubbish_is_no_answer(server: Any, answer: Any) -> None:
    address, _ = server([answer])
    told = Told()
    JobRunner(told).begin(1, partial(collect, scene(address), "123456", 0, "zh-CN", GatewayRoutes()))
    (said,) = told.wait(1)
    assert (said.lost, said.done) == (True, True)


def test_nobody_there_is_said_in_words() -> None:
    told = Told()
    JobRunner(told).begin(1, partial(collect, scene(), "123456", 0, "en", GatewayRoutes()))
    (said,) = told.wait(1)
    assert said.done
    state = answer(act(typed("123456"), "open"), said, 10)
    assert see(state, 10).answer.sentence == "门店系统没有回应"
    assert see(flow.switch_language(state, 10), 10).answer.sentence == "The store system does not answer"


@pytest.mark.parametrize(("code", "english"), [("parcel_wait", "in 60 seconds"), ("umbrella.wet", "请稍候")])
def test_a_reason_is_read_in_the_language_that_is_chosen_then(server: Any, code: str, english: str) -> None:
    address, heard = server([(429, {"code": code, "detail": "请稍候", "seconds": 60})])
    asked = act(typed("123456", take(begin(), scene(address))), "open")
    state = answer(asked, *asked.jobs[-1][1](), 10)
    assert see(state, 10).answer.sentence == "请稍候"
    state = after(flow.switch_language(state, 11), 12)
    assert english in see(state, 12).answer.sentence
    assert len(heard) == 1, "to ask once more would count as another try"


def test_a_door_is_read_about_anew_in_another_language(server: Any) -> None:
    address, heard = server([(202, opening("open")), (200, opening("closed", done=True))])
    asked = act(typed("123456", take(begin(), scene(address))), "open")
    state = answer(asked, next(asked.jobs[-1][1]()), 10)
    assert after(state, 11).jobs == asked.jobs
    other = after(flow.switch_language(state, 11), 12)
    state = answer(other, next(other.jobs[-1][1]()), 13)
    assert [(path.rpartition("/")[2], language) for path, language, _ in heard] == [("collect", "zh-CN"), ("o1", "en")]
    assert (see(state, 13).answer.sentence, flow.busy(state)) == ("closed", False)
    assert len(after(state, 14).jobs) == len(other.jobs), "once for each language"


def test_a_job_that_fails_is_not_waited_for() -> None:
    def fails() -> Iterator[Progress | None]:
        yield None
        raise LookupError("an answer that nobody foresaw")

    asked, told = act(typed("123456"), "open"), Told()
    JobRunner(told).begin(asked.backdrop.key, fails)
    (said,) = told.wait(1)
    state = flow.take_result(asked, asked.backdrop.key, said, Moment(10, NOW))
    assert flow.busy(asked)
    assert (memory(state), flow.busy(state)) == (Memory(), False)


def test_a_job_that_fails_again_and_again_is_told_once_until_it_worked(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> Iterator[Progress | None]:
        raise LookupError("an answer that nobody foresaw")
        yield

    told, others = Told(), set(threading.enumerate())
    runner = JobRunner(told)
    for count, job, logged in ((1, fails, 1), (2, fails, 1), (3, lambda: iter([Progress("ok")]), 1), (4, fails, 2)):
        runner.begin(1, job)
        told.wait(count)
        for thread in set(threading.enumerate()) - others:
            thread.join(60)
        assert len(caplog.records) == logged


def test_what_was_said_before_it_was_given_up_is_not_heard_after_that() -> None:
    told, waiting = Told(), []
    came = threading.Event()

    def later(call: Callable[[], None]) -> None:
        waiting.append(call)
        came.set()

    runner = JobRunner(told, later)
    runner.begin(1, lambda: iter([Progress("ok", "first")]))
    assert came.wait(60)
    runner.begin(1, lambda: iter(()))
    waiting[0]()
    assert told.said == []


def test_a_job_that_was_given_up_is_heard_no_more() -> None:
    told, go_on = Told(), threading.Event()

    def slow() -> Iterator[Progress | None]:
        yield Progress("wait", "first")
        go_on.wait(60)
        yield None
        ended.append("asked again")
        yield Progress("ok", "late")

    ended: list[str] = []
    runner = JobRunner(told)
    runner.begin(1, slow)
    told.wait(1)
    runner.cancel()
    go_on.set()
    runner.begin(1, lambda: iter([Progress("ok", "second")]))
    assert [said.sentence for said in told.wait(2)] == ["first", "second"]
    assert ended == []
