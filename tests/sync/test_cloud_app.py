"""The receiver's process over HTTP: who may come in, what is refused how, and the page."""

from __future__ import annotations

import base64
import random
import re
import signal
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
import zstandard
from fastapi import Request

from edge.journal.entry import GENESIS, Entry, entry_hash
from edge.journal.reader import JournalReader
from sync.cloud.access import Denied, admit
from sync.cloud.app import run
from sync.cloud.leases import Budgets, SharedBudget
from sync.cloud.page import _moment, _view
from sync.cloud.store import Overview, StoreView, StreamView
from sync.messages import LeaseWish
from sync.wire import Batch, pack
from tests.conftest import free_port
from tests.sync.conftest import Receiver
from tests.sync.journals import JournalFile, registered
from tests.sync.processes import TOKEN, OneStore, Running, cursor, is_listening, received, send, status, wait_for
from tests.sync.processes import receive_small as small

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def url(receiver: Receiver) -> str:
    return f"http://127.0.0.1:{receiver.port}"


@pytest.fixture
def batch(journal: JournalFile) -> Batch:
    journal.append(20)
    reader = JournalReader(journal.path)
    made = pack(reader.after(0, 20), GENESIS)
    reader.close()
    return made


def post(url: str, batch: Batch, **headers: str) -> requests.Response:
    sent = {**batch.headers(), **BEARER, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return requests.post(
        f"{url}/v1/stores/s001/streams/{batch.stream.hex()}/entries", batch.content, headers=sent, timeout=60
    )


def test_only_who_has_the_token_may_send(url: str, batch: Batch) -> None:
    for wrong in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}"):
        for reply in (post(url, batch, Authorization=wrong), requests.post(f"{url}/v1/stores/s001/hello", timeout=60)):
            assert reply.status_code == 401
            assert reply.headers["WWW-Authenticate"] == "Bearer"
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
            assert "Server" not in reply.headers
            assert reply.headers["Content-Type"] == "application/problem+json"
            assert reply.json()["code"] == "bad_token"
    assert post(url, batch).json()["cursor"] == 20


@pytest.mark.parametrize(
    ("changed", "code", "problem"),
    [
        ({"Content_Digest": "sha-256=:AAAA:"}, 422, "digest_mismatch"),
        ({"From_Sequence": "2"}, 409, "gap"),
        ({"Last_Hash": "00" * 16}, 409, "diverged"),
        ({"Previous_Hash": "11" * 16}, 409, "diverged"),
        ({"Count": "21"}, 422, "bad_entry"),
        ({"Count": "many"}, 422, "bad_header"),
    ],
)
def test_what_is_refused_says_why(url: str, batch: Batch, changed: dict[str, str], code: int, problem: str) -> None:
    reply = post(url, batch, **changed)
    assert (reply.status_code, reply.json()["code"]) == (code, problem)
    assert reply.json()["detail"]
    if code == 409:
        assert reply.json()["cursor"] == 0


@pytest.mark.parametrize("store", ["s002", "other-store"])
def test_a_stores_token_is_no_other_stores(url: str, batch: Batch, store: str) -> None:
    for path, body in ((f"streams/{batch.stream.hex()}/entries", batch.content), ("hello", b"{}")):
        reply = requests.post(
            f"{url}/v1/stores/{store}/{path}", body, headers={**batch.headers(), **BEARER}, timeout=60
        )
        assert (reply.status_code, reply.json()["code"]) == (403, "not_your_store")
    assert store not in requests.get(url, timeout=60).text


@pytest.mark.parametrize("store", ["x" * 5000, "<img src=x>", "S001", "s001%20", "-s001", "s", "中", "s001%00"])
def test_what_no_store_is_called_is_refused(url: str, batch: Batch, store: str) -> None:
    for path in (f"streams/{batch.stream.hex()}/entries", "hello"):
        reply = requests.post(
            f"{url}/v1/stores/{store}/{path}", b"{}", headers={**batch.headers(), **BEARER}, timeout=60
        )
        assert 400 <= reply.status_code < 500
        assert reply.status_code != 401, "not worth asking for a token"
    assert "img src" not in requests.get(url, timeout=60).text


_FIRST = b'["0199a3b0-0000-7000-8000-000000000000",1,0,'
"""How the first line of a batch begins."""


def _bomb(lines: bytes, level: int = 19) -> bytes:
    return zstandard.ZstdCompressor(level=level).compress(lines)


@pytest.mark.parametrize(
    "content",
    [
        _bomb(b'["",0,0,0]\n' * 3_000_000),
        _bomb(b"\n" * 30_000_000),
        _bomb(b"x" * 30_000_000),
        _bomb(b"0\n" * 1_000_000),
        _bomb(b'["0199a3b0-0000-7000-8000-000000000000",1,0,' + b"[" * 900_000),
        _bomb(
            b'["0199a3b0-0000-7000-8000-000000000000",1,0,' + b"[" * 5_000 + b"]" * 5_000 + b',"' + b"00" * 16 + b'"]\n'
        ),
        zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
        ).compress(b"y" * 20_000_000),
    ],
    ids=["lines", "line ends", "one line", "numbers", "deep and cut", "deep", "window"],
)
def test_a_small_batch_that_unpacks_to_a_large_one_costs_little(
    url: str, receiver: Receiver, batch: Batch, content: bytes
) -> None:
    assert len(content) < 40_000
    bomb = msgspec.structs.replace(batch, content=content)
    before = _peak(receiver)
    reply = post(url, bomb)
    assert 400 <= reply.status_code < 500, reply.text
    assert _peak(receiver) - before < 100_000, "KiB"
    assert post(url, batch).json()["cursor"] == 20


def _peak(receiver: Receiver) -> int:
    """The most memory that the process ever had, in KiB."""
    assert receiver.process is not None
    status_of = Path(f"/proc/{receiver.process.pid}/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status_of)[1])  # type: ignore[index]


@pytest.mark.parametrize("number", [-1, 2**63, 2**64, 10**30])
def test_a_handshake_with_an_impossible_number_is_refused(url: str, batch: Batch, number: int) -> None:
    for hello in (
        {"stream": batch.stream.hex(), "last_sequence": number, "locator": []},
        {"stream": batch.stream.hex(), "last_sequence": 20, "locator": [[number, "00" * 16]]},
    ):
        reply = requests.post(f"{url}/v1/stores/s001/hello", json=hello, headers=BEARER, timeout=60)
        assert (reply.status_code, reply.json()["code"]) == (422, "bad_hello")
    assert post(url, batch).json()["cursor"] == 20


def test_hello_with_rubbish_is_refused(url: str) -> None:
    for rubbish in (b"", b"[]", b'{"stream":7}', b"\xff" * 100):
        reply = requests.post(f"{url}/v1/stores/s001/hello", rubbish, headers=BEARER, timeout=60)
        assert (reply.status_code, reply.json()["code"]) == (422, "bad_hello")
    reply = requests.post(f"{url}/v1/stores/s001/hello", b"[" * 100_000, headers=BEARER, timeout=60)
    assert reply.status_code == 413


PAGES = ("/", "/live")


def asked(port: int, *lines: str, end: bytes = b"") -> str:
    """The first line of the answer to a request that no client would make."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + end)
        return connection.makefile("rb").readline().decode().strip()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "lines",
    [
        ["Host: rebind.evil.example"],
        ["Host: localhost.evil.example"],
        ["Host: evil.localhost"],
        ["Host: 127.0.0.1.evil.example:{port}"],
        ["Host: 127.0.0.1@evil.example"],
        ["Host: 0.0.0.0:{port}"],
        ["Host: "],
        [],
        ["Host: 127.0.0.1:{port}", "X-Forwarded-For: 203.0.113.7"],
        ["Host: localhost", "Forwarded: for=203.0.113.7"],
        ["Host: localhost", "Via: 1.1 proxy"],
    ],
)
def test_the_page_without_a_password_is_for_whoever_sits_at_the_box(
    receiver: Receiver, page: str, lines: list[str]
) -> None:
    """A website that points its own name here could read it, and so could everybody through a proxy on the same box."""
    lines = [line.format(port=receiver.port) for line in lines]
    word = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
    for version in ("1.1", "1.0"):
        first = f"GET {page} HTTP/{version}"
        assert " 401 " in asked(receiver.port, first, *lines)
        assert " 200 " in asked(receiver.port, first, *lines, f"Authorization: Basic {word}")


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost", "LOCALHOST:{port}", "[::1]:{port}", "127.0.0.1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_sits_at_the_box_needs_none(receiver: Receiver, host: str, method: str) -> None:
    named = f"Host: {host.format(port=receiver.port)}"
    for page in (*PAGES, "/healthz"):
        assert " 200 " in asked(receiver.port, f"{method} {page} HTTP/1.1", named)


def test_a_slash_too_many_leads_nowhere_and_nothing_tells_of_the_inside(url: str) -> None:
    """The redirect named the host that was asked for, whatever that was."""
    for path in ("/live/", "/healthz/", "/v1/stores/s001/hello/", "/openapi.json", "/docs", "/redoc"):
        answer = requests.get(url + path, headers={"Host": "evil.example"}, timeout=60, allow_redirects=False)
        assert (answer.status_code, answer.headers.get("Location")) == (404, None)


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/stores/s001/hello"])
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([f"Field-{number}: x" for number in range(200)], 431),
        (["Cookie: " + "x" * 40_000], 431),
        (["Content-Length: 8388609"], 413),
        (["Transfer-Encoding: chunked"], 413),
    ],
)
def test_a_request_that_is_too_large_is_refused_before_it_is_read(
    receiver: Receiver, path: str, lines: list[str], status: int
) -> None:
    """All of it was taken, from anybody, and kept for as long as it took to come."""
    for method in ("GET", "POST"):
        first = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        assert f" {status} " in asked(receiver.port, *first, *lines)
    assert " 200 " in asked(receiver.port, "GET /healthz HTTP/1.1", "Host: localhost")


def test_a_stop_is_clean(receiver: Receiver) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        assert receiver.stop(number) == 0
        receiver.start()


def test_a_receiver_for_everybody_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a door"):
        run("0.0.0.0", free_port(), tmp_path / "cloud.db", None)


def test_a_full_receiver_is_told_and_recovers(journal: JournalFile, tmp_path: Path) -> None:
    port, database = free_port(), tmp_path / "cloud.db"
    receiver = Running(small, port, str(database), TOKEN, 150)
    uplink = Running(send, str(journal.path), str(tmp_path / "sync.json"), port, TOKEN)
    receiver.start()
    wait_for(lambda: is_listening(port))
    journal.append(5_000)
    uplink.start()
    told = wait_for(
        lambda: (s := status(tmp_path / "sync.json")).get("state") == "offline" and "507" in s["error"] and s
    )
    here = received(database)  # a smaller batch may still come
    assert here == journal.entries()[: len(here)]
    assert told["acked"] <= len(here) < 5_000
    receiver.kill()
    receiver = Running(small, port, str(database), TOKEN, 1_000_000)
    receiver.start()
    wait_for(lambda: cursor(database) == 5_000)
    assert received(database) == journal.entries()
    uplink.stop()
    receiver.stop()


def test_an_entry_that_is_too_large_is_parked_and_the_others_pass(
    journal: JournalFile, receiver: Receiver, tmp_path: Path
) -> None:
    journal.append(30)
    huge = msgspec.json.encode({"type": "odd.fact.v1", "x": random.Random(1).randbytes(9_000_000).hex()})
    journal.append(1, huge)
    journal.append(30)
    uplink = Running(send, str(journal.path), str(tmp_path / "sync.json"), receiver.port, TOKEN)
    uplink.start()
    wait_for(lambda: cursor(receiver.database) == 61)
    expected: list[Any] = journal.entries()
    expected[30] = (*expected[30][:5], None, expected[30][6])
    assert received(receiver.database) == expected
    uplink.stop()


def test_the_page_is_shown_in_the_readers_language(url: str, batch: Batch) -> None:
    post(url, batch)
    chinese = requests.get(url, headers={"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"}, timeout=60)
    assert "最新注册" in chinese.text
    assert chinese.headers["Content-Language"] == "zh-CN"
    for each in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert each in chinese.headers["Content-Security-Policy"]
    session = requests.Session()
    assert "Newest registrations" in session.get(f"{url}/?lang=en", timeout=60).text
    assert "Newest registrations" in session.get(url, headers={"Accept-Language": "zh"}, timeout=60).text
    assert requests.get(f"{url}/?lang=xx", timeout=60).headers["Content-Language"] == "zh-CN"


def test_the_live_part_is_sent_only_when_it_changed(url: str, journal: JournalFile, batch: Batch) -> None:
    journal.append(1, registered("<b>x</b>"))
    reader = JournalReader(journal.path)
    post(url, batch)
    wait_for(lambda: "s001" in requests.get(f"{url}/live", timeout=60).text)

    def settled() -> str | None:
        tag = requests.get(f"{url}/live", timeout=60).headers["ETag"]
        again = requests.get(f"{url}/live", headers={"If-None-Match": tag}, timeout=60)
        return tag if again.status_code == 304 else None

    tag = wait_for(settled)
    post(url, pack(reader.after(20, 1), batch.last))
    reader.close()

    def changed() -> requests.Response | None:
        reply = requests.get(f"{url}/live", headers={"If-None-Match": tag}, timeout=60)
        return reply if "&lt;b&gt;x&lt;/b&gt;" in reply.text else None

    assert "<b>x</b>" not in wait_for(changed).text


def test_a_registration_appears_by_itself_and_a_lost_receiver_is_said(
    browser: Any, url: str, journal: JournalFile, receiver: Receiver
) -> None:
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    journal.append(
        1,
        registered("0199aaaa-0000-7000-8000-0000deadbeef", touchpoint="cart-07"),
    )
    reader = JournalReader(journal.path)
    post(url, pack(reader.after(0, 100), GENESIS))
    reader.close()
    page.wait_for_selector("text=deadbeef", timeout=60_000)
    row = page.locator("tr[data-key]", has_text="deadbeef").inner_text()
    assert "cart-07" in row
    assert "sealed" in row
    receiver.stop()
    page.wait_for_selector("#stale:not([hidden])", timeout=60_000)
    receiver.start()
    page.wait_for_selector("#stale", state="hidden", timeout=60_000)
    assert complaints == []


@pytest.mark.parametrize("spoilt", ["budgets.toml", "secrets/leases.key"])
def test_a_receiver_whose_own_files_are_spoilt_says_that_it_leases_nothing(
    url: str, receiver: Receiver, batch: Batch, spoilt: str
) -> None:
    post(url, batch)
    Budgets(receiver.database.parent).set("c1", SharedBudget(uses=100))
    path = receiver.database.parent / spoilt
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xff\xfe half of it")
    wish = msgspec.json.encode(LeaseWish(batch.stream.hex(), "c1", 1))
    reply = requests.post(f"{url}/v1/stores/s001/leases", wish, headers=BEARER, timeout=60)
    assert (reply.status_code, reply.json()["code"]) == (503, "leases_closed")
    assert str(path) not in reply.text
    path.unlink()
    Budgets(receiver.database.parent).set("c1", SharedBudget(uses=100))
    reply = requests.post(f"{url}/v1/stores/s001/leases", wish, headers=BEARER, timeout=60)
    assert (reply.status_code, reply.json()["lease"]["uses"]) == (200, 2)


def test_a_moment_that_no_calendar_has_spoils_nobodys_page(url: str) -> None:
    """One registration of the year 292 million was a page that is never shown again, for the whole chain."""
    body = registered("0199-aa", touchpoint="far-entrance")
    head = (GENESIS, b"s" * 16, 1, b"i" * 16, 2**63 - 1, 0, b"b" * 16)
    entry = Entry(1, b"s" * 16, b"i" * 16, "t", 2**63 - 1, 0, b"b" * 16, body, entry_hash(*head, body))
    assert post(url, pack([entry], GENESIS)).status_code == 200

    def shown() -> requests.Response | None:
        page = requests.get(url, timeout=60)
        return page if page.status_code != 200 or "far-entrance" in page.text else None

    assert wait_for(shown).status_code == 200
    assert _moment(2**63 - 1, 0) == "—", "one that was sorted before stays as it is"


@pytest.mark.parametrize("given", ["\xe9", "w6k=", "Og==x", "", "//79"])
def test_a_password_that_is_no_text_is_a_wrong_one(given: str) -> None:
    """What was not even ASCII was an error of the receiver."""
    request = Request({"type": "http", "headers": [(b"authorization", f"Basic {given}".encode("latin-1"))]})
    with pytest.raises(Denied, match="the password"):
        admit(request, OneStore(TOKEN))


@pytest.mark.parametrize(("ago_s", "state"), [(3, "online"), (-3, "online"), (60, "silent"), (-3600, "silent")])
def test_whoever_was_heard_of_by_a_clock_that_ran_ahead_is_not_there_for_as_long(ago_s: int, state: str) -> None:
    now = 1_790_000_000_000
    stream = StreamView("ab" * 16, 7, 7, "ok", now - ago_s * 1000)
    view = _view(Overview([StoreView("s001", stream.contact_ms, [stream], {}, 0)], []), "en", now)
    assert [card.state for card in view["cards"]] == [state]
