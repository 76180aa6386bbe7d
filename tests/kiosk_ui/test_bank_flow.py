from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import BankKeypad, CouponWall
from kiosk_ui import bank_flow, bank_view, flow
from kiosk_ui.bank_flow import Entry, Said
from kiosk_ui.collecting import Collector
from tests.kiosk_ui.wire import parse

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


def typed(text: str) -> Entry:
    entry = Entry()
    for digit in text:
        entry = bank_flow.press(entry, digit)
    return entry


def test_six_digits_and_no_more() -> None:
    assert not bank_flow.ready(typed("12345"), 0)
    assert bank_flow.ready(typed("123456"), 0)
    assert typed("1234567").digits == "123456"
    assert bank_flow.press(typed("12"), "back").digits == "1"


def test_an_answer_takes_the_digits_off_the_glass_and_makes_way() -> None:
    asked = bank_flow.ask(typed("123456"))
    assert bank_flow.press(asked, "back") == asked
    open_door = bank_flow.answer(asked, Said("ok", "open", door="05"), 10)
    assert (open_door.digits, open_door.asking) == ("", True)
    closed = bank_flow.answer(open_door, Said("ok", "closed", door="05", done=True), 12)
    assert not closed.asking
    assert bank_flow.pass_time(closed, 12 + bank_flow.DONE_S) == Entry()
    assert bank_flow.answer(Entry(), Said("ok", "late"), 13) == Entry(), "nobody waits for it any more"


def test_the_pause_of_the_bank_outlives_the_answer() -> None:
    entry = bank_flow.answer(bank_flow.ask(typed("123456")), Said("bad", "wait", done=True, wait_s=60), 100)
    entry = bank_flow.dismiss(entry)
    for digit in "123456":
        entry = bank_flow.press(entry, digit)
    assert (bank_flow.waits(entry, 100.5), bank_flow.ready(entry, 100.5)) == (60, False)
    assert bank_flow.ready(entry, 160)


def test_a_screen_takes_a_bank_a_wall_and_neither(body: Callable[..., bytes]) -> None:
    state = flow.take(flow.State(), scene())
    assert state.bank is not None
    wall = parse(body(2))
    assert isinstance(wall, CouponWall)
    assert flow.take(state, wall).bank is None
    for broken in (b"{}", b'{"schema":1,"bank":{}}', b"[]", b"\xff"):
        with pytest.raises(ValueError, match="desired body"):
            parse(broken)


def test_an_idle_screen_forgets_the_digits_and_keeps_the_bank() -> None:
    state = flow.take(flow.State(), scene())
    state = msgspec.structs.replace(state, entry=typed("123"), touched_at=0.0, language="en", chosen=True)
    idle = flow.pass_time(state, 1, flow.IDLE_S)
    assert (idle.entry.digits, idle.language) == ("", "zh-CN")
    assert idle.bank is not None


def test_the_glass_says_when_the_bank_takes_digits_again() -> None:
    state = msgspec.structs.replace(flow.State(), bank=scene(), entry=Entry(wait_until=58.2), language="en")
    seen = bank_view.see(state, scene(), 0)
    assert "59 s" in seen.note
    assert seen.warns
    assert seen.url == "http://127.0.0.1:1/t/locker-a.abcd"


class Told:
    """What a collector says, in order."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._news = threading.Condition()

    def __call__(self, said: Said) -> None:
        with self._news:
            self.said.append(said)
            self._news.notify_all()

    def wait(self, count: int) -> list[Said]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.said) >= count, 15)
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
        threading.Thread(target=made.serve_forever, daemon=True).start()
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
    Collector(told).begin(scene(address).bank, "123456", "en")
    assert [said.sentence for said in told.wait(3)] == ["asked", "open", "closed"]
    requests = [json.loads(body)["request"] for path, _, body in heard if path.endswith("collect")]
    assert len(requests) == 2
    assert len(set(requests)) == 1
    assert {language for _, language, _ in heard} == {"en"}


def test_a_refusal_is_said_with_its_pause(server: Any) -> None:
    address, _ = server([(429, {"code": "parcel_wait", "detail": "please wait", "seconds": 60})])
    told = Told()
    Collector(told).begin(scene(address).bank, "123456", "en")
    (said,) = told.wait(1)
    assert (said.tone, said.sentence, said.wait_s, said.done) == ("bad", "please wait", 60, True)


@pytest.mark.parametrize("answer", [(500, {"nothing": 1}), (202, {"opening": "x"})])
def test_rubbish_is_no_answer(server: Any, answer: Any) -> None:
    address, _ = server([answer])
    told = Told()
    Collector(told).begin(scene(address).bank, "123456", "zh-CN")
    (said,) = told.wait(1)
    assert said.sentence == "门店系统没有回应"


def test_nobody_there_is_said_in_words() -> None:
    told = Told()
    Collector(told).begin(scene().bank, "123456", "en")
    (said,) = told.wait(1)
    assert said.sentence == "The store system does not answer"
    assert said.done
