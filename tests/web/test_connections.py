"""Requests that are slow, large or malformed, by real sockets against a listener as it runs in a store."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from edge.settings.http import HttpSettings, to_bind
from edge.web.server import connections as limits
from edge.web.server.listeners import Server, configured
from edge.web.server.tls_listener import listening
from tests.conftest import free_port
from tests.web.running import RunningStore, Shopper, wait

if TYPE_CHECKING:
    from starlette.requests import Request


def connect(base: str) -> socket.socket:
    host, _, port = base.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def said(line: socket.socket, patience_s: float = 60) -> bytes:
    """All that is said until the other side closes."""
    line.settimeout(patience_s)
    found = b""
    try:
        while piece := line.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def send(store: RunningStore, head: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
    line = connect(store.base)
    host = store.base.removeprefix("http://")
    text = head.replace("\n", "\r\n").format(host=host) + "\r\nConnection: close\r\n\r\n"
    with suppress(BrokenPipeError, ConnectionResetError):
        line.sendall(text.encode("latin-1") + body)
    answer = said(line)
    line.close()
    top, _, rest = answer.partition(b"\r\n\r\n")
    document = json.loads(rest) if b"problem+json" in top else {}
    return int(top.split()[1]) if top else 0, document


@pytest.fixture
def hurried(store: RunningStore, monkeypatch: pytest.MonkeyPatch) -> RunningStore:
    """The same store with less connections."""
    monkeypatch.setattr(limits, "HEAD_S", 4.0)  # and not less: an honest caller may be slow, as this machine is
    monkeypatch.setattr(limits, "BODY_S", 1.0)
    return store


def test_slow_heads_are_dropped_while_others_are_served(hurried: RunningStore, shopper: Shopper) -> None:
    lines = []
    for n in range(400):
        lines.append(connect(hurried.base))
        lines[-1].sendall(b"" if n % 4 == 0 else b"GET /wallet HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * n)
    assert shopper.get(f"{hurried.base}/healthz", timeout=60).ok
    answers = [said(line) for line in lines]
    assert all(answer == b"" or answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
    assert sum(answer != b"" for answer in answers) >= 290
    for line in lines:
        line.close()


def test_a_head_that_drips_for_ever_is_dropped(hurried: RunningStore) -> None:
    line = connect(hurried.base)
    began = time.monotonic()
    line.sendall(b"GET /wallet HTTP/1.1\r\n")
    with suppress(OSError):
        while time.monotonic() - began < 60:
            line.sendall(b"X: y\r\n")
            time.sleep(0.1)
    assert time.monotonic() - began < 60


def test_a_body_that_never_comes_is_dropped(hurried: RunningStore) -> None:
    line = connect(hurried.base)
    host = hurried.base.removeprefix("http://")
    kind = "Content-Type: application/json"
    head = f"POST /api/v1/members HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: 900\r\n\r\n{{"
    line.sendall(head.encode())
    said(line)
    line.close()


def test_an_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STALL_S", 1.0)

    async def much(_request: Request) -> Response:
        return Response(b"x" * 50_000_000)

    with serving(Starlette(routes=[Route("/", much)])) as (base, server):
        line = connect(base)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        wait(lambda: server.server_state.total_requests)
        wait(lambda: not server.server_state.connections)
        line.close()


class serving:  # noqa: N801 - used like a function
    """A small application behind the same listener."""

    def __init__(self, app: Any) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.server = uvicorn.Server(configured(app))
        self._thread = threading.Thread(target=lambda: asyncio.run(self.server.serve(sockets=[self._socket])))

    def __enter__(self) -> tuple[str, uvicorn.Server]:
        self._thread.start()
        wait(lambda: self.server.started)
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}", self.server

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self._thread.join(60)


def test_whoever_holds_connections_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OF_ONE", 50)

    async def hello(_request: Request) -> Response:
        return PlainTextResponse("hello")

    with serving(Starlette(routes=[Route("/", hello)])) as (base, server):
        lines = [connect(base) for _ in range(200)]
        wait(lambda: 0 < len(server.server_state.connections) <= 51)
        for _ in range(5):
            assert requests.get(base, timeout=60).text == "hello"
        for line in lines:
            line.close()
        wait(lambda: not server.server_state.connections)
        peers = server.config.http_protocol_class.peers
        wait(lambda: (peers._count, peers._of) == (0, {}))


def test_for_one_more_an_idle_one_goes_and_no_answer_that_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OF_ONE", 20)
    monkeypatch.setattr(limits, "HEAD_S", 3600.0)  # who says nothing stays, however slow this machine is
    go_on, asked = threading.Event(), threading.Event()

    async def slow(_request: Request) -> Response:
        asked.set()
        await asyncio.to_thread(go_on.wait, 60)
        return PlainTextResponse("opened")

    with serving(Starlette(routes=[Route("/", slow)])) as (base, server):
        first = connect(base)
        first.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert asked.wait(60)
        lines = [connect(base) for _ in range(60)]
        wait(lambda: server.config.http_protocol_class.peers._count == 20)
        go_on.set()
        assert said(first).endswith(b"opened")
        for line in [first, *lines]:
            line.close()


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        ("GET /wallet HTTP/1.1\nHost: {host}" + "\nX-A: b" * 10_000, 431, "head_too_large"),
        ("GET /wallet HTTP/1.1\nHost: {host}" + "\nX-A: b" * 120, 431, "head_too_large"),
        ("GET /wallet HTTP/1.1\nHost: {host}\nX-A: " + "b" * 100_000, 431, "head_too_large"),
        ("GET /wallet HTTP/1.1\nHost: {host}\nCookie: " + "b" * 40_000, 431, "head_too_large"),
        ("GET /" + "a" * 20_000 + " HTTP/1.1\nHost: {host}", 431, "head_too_large"),
        ("GET /wallet HTTP/1.1\nHost: {host}\nContent-Length: 52428800", 413, "too_large"),
        ("GET /wallet HTTP/1.1\nHost: {host}\nTransfer-Encoding: chunked", 413, "too_large"),
        ("POST /scan HTTP/1.1\nHost: {host}\nTransfer-Encoding: chunked", 413, "too_large"),
        ("POST /scan HTTP/1.1\nHost: {host}\nContent-Length: 65537", 413, "too_large"),
        ("DELETE /api/v1/session HTTP/1.1\nHost: {host}\nContent-Length: 9999999999", 413, "too_large"),
        ("GET http://evil.example/wallet HTTP/1.1\nHost: {host}", 421, "wrong_host"),
        ("GET http://{host}@evil.example/wallet HTTP/1.1\nHost: {host}", 421, "wrong_host"),
        ("GET /wallet HTTP/1.1\nHost: {host}\nHost: {host}", 421, "wrong_host"),
        ("GET /wallet HTTP/1.1", 421, "wrong_host"),
        ("GET /wallet HTTP/1.0", 421, "wrong_host"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_too_much_is_refused_in_words(store: RunningStore, head: str, status: int, code: str) -> None:
    found, document = send(store, head)
    assert (found, document.get("code")) == (status, code)
    assert document["detail"]


@pytest.mark.parametrize(
    "head",
    [
        "CONNECT evil.example:80 HTTP/1.1\nHost: {host}", "OPTIONS * HTTP/1.1\nHost: {host}", "GET  HTTP/1.1",
        "GET http:// HTTP/1.1\nHost: {host}", "GET http://evil.example HTTP/1.1\nHost: {host}", "\0\1\2",
        "GET /wallet HTTP/9.9\nHost: {host}", "GET /wallet HTTP/1.1\nContent-Length: -1\nHost: {host}",
        "GET /wallet HTTP/1.1\nContent-Length: 1\nContent-Length: 2\nHost: {host}", "PRI * HTTP/2.0",
        "GET /wallet HTTP/1.1\nHost: {host}\nContent-Length: 1\nTransfer-Encoding: chunked", "GET //evil.example//",
        "GET /%00%ff%2e%2e/%2f HTTP/1.1\nHost: {host}", "GET /t/%ff%fe HTTP/1.1\nHost: {host}",
    ],
)  # fmt: skip
def test_nonsense_is_a_4xx_and_breaks_nothing(store: RunningStore, head: str) -> None:
    status, _ = send(store, head)
    assert 400 <= status < 500
    assert requests.get(f"{store.base}/healthz", timeout=60).ok


def test_an_absolute_address_of_ours_is_served(store: RunningStore) -> None:
    for path in ("/wallet", "", "?lang=en"):
        assert send(store, f"GET http://{{host}}{path} HTTP/1.1\nHost: evil.example")[0] == 200


def test_a_small_body_on_get_is_ignored(store: RunningStore) -> None:
    assert send(store, "GET /healthz HTTP/1.1\nHost: {host}\nContent-Length: 5", b"hello")[0] == 200


LATER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
"""What Java's HttpClient says by itself with each request over plain http."""
READ = "/api/v1/codes/read HTTP/1.1\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 9])
def test_who_would_rather_speak_http_2_is_answered_all_the_same(store: RunningStore, pieces: int) -> None:
    host = store.base.removeprefix("http://")
    body = b'{"text":"4006381333931"}'
    one = f"POST {READ}Host: {host}\r\n{LATER}Content-Length: {len(body)}\r\n\r\n".encode() + body
    rest = one + f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n{LATER}\r\n".encode()
    rest += f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    line = connect(store.base)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    size = -(-len(one) // pieces)
    parts = [one[start : start + size] for start in range(0, len(one), size)]
    for part in (*parts[:-1], parts[-1] + rest):
        line.sendall(part)
        time.sleep(0.01)  # most often a piece of its own; however they come, the answers are the same
    answers = said(line)
    line.close()
    assert answers.count(b"HTTP/1.1 200 OK") == 4
    assert answers.count(b'{"readings":[') == 2


def test_the_body_of_such_a_request_is_never_taken_for_a_request(store: RunningStore) -> None:
    host = store.base.removeprefix("http://")
    hidden = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    line = connect(store.base)
    line.sendall(f"POST {READ}Host: {host}\r\n{LATER}Content-Length: {len(hidden)}\r\n\r\n".encode())
    time.sleep(0.05)
    line.sendall(hidden + f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answers = said(line)
    line.close()
    assert [answers.count(part) for part in (b"HTTP/1.1 400", b'"ready"', b'{"status":"ok"}')] == [1, 1, 0]


def test_a_head_behind_another_one_is_measured_too(store: RunningStore) -> None:
    host = store.base.removeprefix("http://")
    line = connect(store.base)
    good = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n"
    line.sendall(good.encode() + good.replace("healthz", "healthz?" + "a" * 20_000).encode())
    answers = said(line)
    line.close()
    assert [answers.count(part) for part in (b"HTTP/1.1 200", b"HTTP/1.1 431")] == [1, 1]


def test_a_large_upload_is_not_read(store: RunningStore) -> None:
    line = connect(store.base)
    host = store.base.removeprefix("http://")
    line.sendall(f"POST /scan HTTP/1.1\r\nHost: {host}\r\nContent-Length: 52428800\r\n\r\n".encode())
    sent = 0
    try:
        line.settimeout(5)
        while sent < 52_428_800:
            sent += line.send(b"x" * 65536)
    except OSError:
        pass
    assert sent < 30_000_000
    line.close()


def test_keep_alive_goes_on_working(store: RunningStore) -> None:
    with requests.Session() as session:
        for _ in range(20):
            assert session.get(f"{store.base}/healthz", timeout=60).ok
            assert session.post(f"{store.base}/api/v1/codes/read", json={"text": "x"}, timeout=60).status_code < 500


@pytest.mark.parametrize("written", ["::", "[::]", "0:0:0:0:0:0:0:0"])
async def test_every_address_is_every_address(written: str) -> None:
    """By `::` phones without IPv6 found nobody, and so did the box's own commands."""
    host, port = HttpSettings(host=written).host, free_port()
    server = Server(configured(Starlette(routes=[]), host, port))
    serving = asyncio.create_task(server.serve())
    until = time.monotonic() + 60
    while not server.started and not serving.done():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)
    try:
        for address in ("127.0.0.1", "::1"):
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
    finally:
        server.should_exit = True
        await serving
    bound = listening(to_bind(host), free_port())
    assert {each.family for each in bound} == {socket.AF_INET, socket.AF_INET6}
    for each in bound:
        each.close()
