"""The basket scene without a window: what a touch asks the gateway, and what is seen meanwhile."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec

from device_drivers.contract import Service
from kiosk_ui import flow, places
from kiosk_ui.gateway import REFUSED_S, results
from kiosk_ui.screen import Moment
from kiosk_ui.screens.basket.handlers import REFRESH_S, Memory
from kiosk_ui.state import changed
from tests.kiosk_ui.bodies import make_body
from tests.kiosk_ui.samples.basket import ANSWER
from tests.kiosk_ui.wire import NOW, begin, take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk_ui.flow import State


def moment(at: float) -> Moment:
    return Moment(at, NOW)


class Counter:
    """A gateway that notes what it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answer: Any = msgspec.to_builtins(ANSWER)
        self.status = 200


@contextmanager
def gateway() -> Iterator[tuple[Counter, str]]:
    counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            counter.asked.append((self.path, json.loads(self.rfile.read(length) or b"null")))
            body = json.dumps(counter.answer).encode()
            self.send_response(counter.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - as the server wants it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield counter, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def opened(address: str, at: float = 0) -> State:
    state = take(begin(), make_body([]))
    wall = msgspec.structs.replace(state.backdrop.message, service=Service(address, "code"))
    shown = msgspec.structs.replace(state.backdrop, message=wall)
    return flow.open_place(changed(state, backdrop=shown), places.Basket(), moment(at))


def worked(state: State, at: float = 1) -> State:
    """What is asked is answered."""
    jobs, state = state.jobs, changed(state, jobs=())
    for key, job in jobs:
        for result in results(job):
            state = flow.take_result(state, key, result, moment(at))
    return state


def see(state: State) -> Any:
    return flow.view(state, state.front, moment(2))


def test_what_was_taken_off_and_the_ways_on_are_seen() -> None:
    with gateway() as (counter, address):
        state = worked(opened(address))
        assert counter.asked == [("/api/v1/screens/basket/code", {})]
        seen = see(state)
        assert [line.quantity for line in seen.lines] == ["2", "1", "1", "1"]
        assert (str(seen.total), seen.digits, seen.percent) == ("¥111.51", "4712", 0.81)
        assert [way.way for way in seen.ways] == ["till", "move"]
        till = see(flow.act(state, "way", "till", moment(2)))
        assert (till.at_till, [way.way for way in till.ways]) == (True, ["phone", "move"])


def test_a_touch_is_seen_at_once_and_asked_for_once() -> None:
    with gateway() as (counter, address):
        state = flow.act(worked(opened(address)), "more", "1", moment(3))
        assert see(state).lines[0].quantity == "3"
        assert flow.busy(state)
        state = worked(state)
        path, body = counter.asked[-1]
        assert (path, body["quantity"], len(body["request"])) == ("/api/v1/screens/basket/lines/1", 3, 36)
        out = flow.act(state, "less", "4", moment(4))
        assert [line.line for line in see(out).lines] == ["1", "2", "3"]
        worked(out)
        assert counter.asked[-1][1]["quantity"] == 0


def test_quick_touches_arrive_in_their_order_and_are_all_heard() -> None:
    with gateway() as (counter, address):
        state = changed(worked(opened(address)), jobs=())
        state = flow.act(flow.act(state, "more", "1", moment(3)), "more", "1", moment(3.1))
        (_, first), (key, second) = state.jobs
        came: list[Any] = []
        later = threading.Thread(target=lambda: came.extend(second()), daemon=True)
        later.start()
        next(iter(first()))
        later.join(60)
        assert [body["quantity"] for path, body in counter.asked if path.endswith("/1")] == [3, 4]
        state = flow.take_result(state, key, came[0], moment(4))
        assert not flow.busy(state)
        worked(flow.act(changed(state, jobs=()), "more", "1", moment(5)))
        assert counter.asked[-1][1]["quantity"] == 3, "one more than the gateway had said"


def test_where_nobody_answers_the_first_touch_the_second_does_not_try() -> None:
    with gateway() as (counter, address):
        state = changed(worked(opened(address)), jobs=())
        counter.status = 500
        state = flow.act(flow.act(state, "more", "1", moment(3)), "more", "1", moment(3.1))
        state = worked(state)
        assert len([path for path, _ in counter.asked if path.endswith("/1")]) == 1
        assert see(state).offline
        counter.status = 200
        worked(flow.act(state, "more", "1", moment(5)))
        assert len([path for path, _ in counter.asked if path.endswith("/1")]) == 2


def test_it_is_asked_again_and_says_where_it_went() -> None:
    with gateway() as (counter, address):
        state = worked(opened(address))
        assert not flow.pass_time(state, moment(REFRESH_S - 0.1)).jobs
        counter.answer = {"pieces": 0, "gone": "Your basket is on a phone since 10:32."}
        seen = see(worked(flow.pass_time(state, moment(REFRESH_S))))
        assert (seen.lines, seen.empty_note) == ((), "Your basket is on a phone since 10:32.")


def test_without_a_gateway_what_was_known_stays_and_the_line_says_so() -> None:
    with gateway() as (counter, address):
        state = worked(opened(address))
        counter.status, counter.answer = 409, {"code": "basket_paying", "detail": "A payment is under way."}
        refused = see(worked(flow.act(state, "more", "1", moment(3))))
        assert refused.offline == "A payment is under way."
        counter.status = 500
        away = see(worked(flow.pass_time(state, moment(REFRESH_S))))
        assert (len(away.lines), bool(away.offline)) == (4, True)


def test_why_something_was_refused_stays_to_be_read_in_either_language() -> None:
    with gateway() as (counter, address):
        state = worked(opened(address))
        right = counter.answer
        counter.status, counter.answer = 409, {"code": "basket_paying", "detail": "正在付款"}
        state = changed(worked(flow.act(state, "more", "1", moment(3)), 4), jobs=())
        counter.status, counter.answer = 200, right
        state = worked(flow.pass_time(state, moment(4 + REFRESH_S)), 4 + REFRESH_S)
        assert (see(state).offline, see(state).lines[0].quantity) == ("正在付款", "2")
        assert see(flow.switch_language(state, 7)).offline.startswith("A payment for this basket")
        state = worked(flow.pass_time(changed(state, jobs=()), moment(4 + REFUSED_S)), 4 + REFUSED_S)
        assert see(state).offline == ""


def test_nothing_of_it_is_left_for_the_next_one() -> None:
    with gateway() as (_, address):
        state = worked(opened(address))
        ended = flow.act(state, "done", "", moment(3))
        assert ended.stack == ()
        assert b"4712" not in msgspec.json.encode(repr(ended))
        assert isinstance(state.stack[-1].memory, Memory)
