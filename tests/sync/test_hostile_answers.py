"""What answers where the cloud should be may say anything: the uplink believes nothing of it, and goes on."""

from __future__ import annotations

import gzip
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.journal.entry import GENESIS
from edge.journal.reader import JournalReader
from edge.journal.streams import MAX_GENERATION
from operations.retention.from_cloud import fetching
from operations.retention.soundness import acknowledged
from sync.archive import Archive
from sync.client import BatchRefused, CloudError, CloudUnreachable, HttpCloud
from sync.cloud.sqlite_store import SqliteStore
from sync.cloud_index import CloudIndex
from sync.messages import Ack, Hello, HelloReply, Index, IndexEntry
from sync.retry_pace import RetryPace
from sync.source import JournalSource
from sync.status import Status
from sync.uplink import Uplink
from sync.wire import Batch, Malformed, first_break
from tests.sync.journals import JournalFile
from tests.sync.test_streams import Line as Direct

HELLO = Hello("11" * 16, 0, [])
REPLY = msgspec.json.encode(HelloReply(0, GENESIS.hex(), "ok"))


@contextmanager
def answering(answer: Callable[[bytes], bytes], token: str | None = None) -> Iterator[HttpCloud]:
    """A cloud of which every answer is made of the request's head."""

    def serve() -> None:
        while True:
            peer, _ = server.accept()
            with peer:
                head = peer.recv(65536)
                if head == b"end":
                    return
                peer.sendall(answer(head))

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        serving = threading.Thread(target=serve)
        serving.start()
        cloud = HttpCloud(f"http://127.0.0.1:{server.getsockname()[1]}", "s001", token)
        yield cloud
        cloud.close()
        with socket.create_connection(server.getsockname()) as last:
            last.sendall(b"end")
        serving.join(60)


def plain(content: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(content)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 20 Nov 1995 99999999999999999999:12:05 -0500",
        "Mon, 20 Nov 1995 19:12:05 -99999999999999999999999999",
        "Mon, 20 Nov 99999999999999999999999 19:12:05 +0000",
        "soon",
        "",
    ],
)
def test_a_date_that_is_none_is_no_date(date: str) -> None:
    """A number that no date has ended the uplink, and the next one."""
    with answering(lambda _: plain(REPLY, f"Date: {date}")) as cloud:
        assert cloud.hello(HELLO).verdict == "ok"
        assert cloud.time_told is None


@pytest.mark.parametrize("token", ["“abc”", "abc\ndef", "abc\u200b"])
def test_a_token_that_no_header_takes_is_refused_by_the_cloud(token: str) -> None:
    """It ended the uplink with a traceback, again and again."""

    def refuse(head: bytes) -> bytes:
        heads.append(head)
        return b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    heads: list[bytes] = []
    with answering(refuse, token) as cloud, pytest.raises(CloudUnreachable, match="refuses this store's token"):
        cloud.hello(HELLO)
    assert b"Authorization: Bearer " in heads[0]


def test_what_is_asked_for_is_plain() -> None:
    """Some proxies pack JSON where the one who asks takes it packed: what was read back was unreadable then."""

    def proxy(head: bytes) -> bytes:
        content = b'{"current":"","streams":[]}'
        if b"gzip" in head.lower():
            return plain(gzip.compress(content), "Content-Encoding: gzip")
        return plain(content)

    with answering(proxy) as cloud:
        assert Archive(cloud).streams().streams == []


BAD = "no\r\n\x1b[2J\x9b\u202eyes\u2028\x00 " + "x" * 60_000
PROBLEMS: list[dict[str, Any]] = [
    {"code": BAD, "title": BAD, "status": 500, "detail": BAD},
    {"code": "bad_entry", "title": BAD, "status": 413, "detail": BAD},
    {"code": "gap", "title": "", "status": 409, "detail": BAD},
    {"code": "budget_gone", "title": BAD, "status": 409},
    {"code": "busy", "title": "", "status": 503, "detail": BAD},
]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 413, 422, 500, 503])
@pytest.mark.parametrize("problem", PROBLEMS, ids=range(len(PROBLEMS)))
def test_a_sentence_that_quotes_the_cloud_is_one_short_line(
    problem: dict[str, Any], status: int, journal: JournalFile, tmp_path: Path
) -> None:
    """60,000 letters of a title stood in `sync.json`, in the log and in what doctor said."""
    content = msgspec.json.encode(problem)

    def refuse(_: bytes) -> bytes:
        head = f"HTTP/1.1 {status} No\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        return head.encode() + content

    journal.append(1)
    source, told = JournalSource(journal.path), Status(tmp_path / "sync.json")
    with answering(refuse) as cloud:
        with pytest.raises(CloudError) as refused:
            cloud.hello(HELLO)
        Uplink(source, cloud, told, RetryPace(0.0, random.Random(1))).turn()
    source.close()
    for said in (str(refused.value), told.report.error or ""):
        assert said.isprintable()
        assert 0 < len(said) < 400
    assert (tmp_path / "sync.json").stat().st_size < 2000


@pytest.mark.parametrize("name", ["", "zz" * 16, "11" * 15, "11" * 16 + "\n"])
def test_a_stream_that_has_no_name_is_no_answer(name: str) -> None:
    told = {"current": "", "streams": [{"stream": name, "first": 1, "cursor": 1, "hash": ""}]}
    with answering(lambda _: plain(msgspec.json.encode(told))) as cloud, pytest.raises(CloudUnreachable):
        Archive(cloud).streams()


@pytest.mark.parametrize("generation", [MAX_GENERATION + 1, 2**53, 2**63 - 1])
def test_a_generation_that_no_fence_has_room_for_is_no_answer(generation: int) -> None:
    """A box that was restored from it made fences that no device reads, and opened nothing any more."""
    told = {"current": "11" * 16, "streams": [{"stream": "11" * 16, "first": 1, "cursor": 1, "hash": ""}]}
    told["streams"][0]["generation"] = generation  # type: ignore[index]
    with answering(lambda _: plain(msgspec.json.encode(told))) as cloud, pytest.raises(CloudUnreachable):
        Archive(cloud).streams()


@pytest.mark.parametrize("places", [[5], [11, 11], [12, 11], [10]])
def test_books_that_go_round_in_circles_are_put_down(places: list[int]) -> None:
    """The same lines were asked for again and again, for ever."""
    lines = [IndexEntry(place, "", "", 0, "", "") for place in places]
    with answering(lambda _: plain(msgspec.json.encode(Index(50, lines)))) as cloud, pytest.raises(CloudUnreachable):
        CloudIndex(cloud).lines("11" * 16, 11, 50)


def test_a_repair_goes_without_a_cloud_that_would_hear_in_clear() -> None:
    """What refuses to send the token over http went past the repair, and the gateway did not start."""
    fetch = fetching("http://10.0.0.5:8090", "s001", "token")
    assert fetch is not None
    with pytest.raises(OSError, match="in clear"):
        list(fetch(b"\1" * 16, 0, GENESIS))


class Liar:
    """A cloud that says what it is told to."""

    time_told = None

    def __init__(self, reply: HelloReply, ack: Ack) -> None:
        self.reply, self.ack, self.sent = reply, ack, 0

    def hello(self, message: Hello) -> Any:  # noqa: ARG002 - whatever is asked
        return self.reply

    def send(self, batch: object) -> Any:  # noqa: ARG002
        self.sent += 1
        return self.ack


FAR = 10**9


@pytest.mark.parametrize(
    "cloud",
    [
        Liar(HelloReply(FAR, "", "ok"), Ack(FAR, "")),
        Liar(HelloReply(0, GENESIS.hex(), "ok"), Ack(FAR, "")),
        Liar(HelloReply(0, GENESIS.hex(), "ok"), Ack(FAR, GENESIS.hex())),
    ],
    ids=["hello", "ack", "a hash"],
)
def test_what_the_journal_does_not_have_nobody_can_acknowledge(
    cloud: Liar, journal: JournalFile, tmp_path: Path
) -> None:
    """An entry that there is not, with no hash, was believed: nothing was sent any more, and all counted as safe."""
    journal.append(3)
    source, status = JournalSource(journal.path), Status(tmp_path / "sync.json")
    uplink = Uplink(source, cloud, status, RetryPace(0.0, random.Random(1)))
    for _ in range(3):
        uplink.turn()
    assert status.report.state in ("diverged", "offline")
    assert status.report.acked == acknowledged(tmp_path / "sync.json") == 0
    source.close()


class Strict(Direct):
    """The receiver, and what it answers of a batch that it cannot take."""

    def send(self, batch: Batch) -> Any:
        try:
            return super().send(batch)
        except Malformed as error:
            raise BatchRefused(422, error.code, str(error)) from None


def changed(journal: JournalFile) -> None:
    """Its third entry has a moment that no journal writes."""
    journal.append(5)
    journal.connection.execute("DROP TRIGGER entries_stay_unchanged")
    journal.connection.execute("UPDATE entries SET wall_ms=-1 WHERE sequence=3")


def test_an_entry_that_is_refused_without_its_body_too_was_changed_here(journal: JournalFile, tmp_path: Path) -> None:
    """It was sent again and again, as fast as the line allows."""
    changed(journal)
    store = SqliteStore(tmp_path / "cloud.db")
    source, status = JournalSource(journal.path), Status(tmp_path / "sync.json")
    uplink = Uplink(source, Strict(store), status, RetryPace(5.0, random.Random(1)))
    for _ in range(12):
        uplink.turn()
    assert (status.report.state, status.report.acked) == ("diverged", 2)
    assert "entry 3" in (status.report.error or "")
    source.close()
    store.close()


def test_a_moment_that_no_clock_shows_is_where_two_journals_part(journal: JournalFile) -> None:
    """What broke the chain of a changed journal could not even be computed, and ended the uplink."""
    changed(journal)
    reader = JournalReader(journal.path)
    assert first_break(reader.after(0, 5), GENESIS) == 3
    reader.close()
