"""The device's own memory: what is bounded, and what survives."""

from __future__ import annotations

import random
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from device_drivers import ledger, outbox
from device_drivers.backoff import STABLE_S, Backoff
from device_drivers.commands import Commands
from device_drivers.connection import Received
from device_drivers.contract import (
    MAX_BYTES,
    Ack,
    Channel,
    Command,
    Find,
    Observed,
    Outcome,
    Reason,
    Reply,
    Scanned,
    Unlock,
    Verb,
)
from device_drivers.driver import Result
from device_drivers.ledger import RUNNING, SWEEP_EVERY, Ledger
from device_drivers.notes import Notes
from device_drivers.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    opened = Notes(tmp_path / "notes.db", ledger.SCHEMA + outbox.SCHEMA)
    yield opened
    opened.close()


def test_a_command_goes_from_running_to_its_reply(notes: Notes) -> None:
    book = Ledger(notes)
    assert book.known_reply("a") is None
    book.begin("a")
    assert book.known_reply("a") is RUNNING
    book.record("a")
    reply = Reply("a", Outcome.DONE, None, Observed(docked=True))
    book.remember(reply)
    book.finish(reply)
    assert book.known_reply("a") == reply
    assert Ledger(notes).known_reply("a") == reply, "also after a restart"


def test_a_noted_command_without_an_end_is_unknown_after_a_restart(notes: Notes) -> None:
    book = Ledger(notes)
    book.begin("a")
    book.record("a")
    assert Ledger(notes).known_reply("a") == Reply("a", Outcome.UNKNOWN)


def test_a_reply_in_words_of_a_later_build_is_unknown(notes: Notes) -> None:
    """It kept every device of the process from starting, once the box went back to an earlier version."""
    book = Ledger(notes)
    assert book.raise_fence(7)
    book.record("a")
    with notes.write() as db:
        db.execute("UPDATE taken SET reply = ?", (b'{"id":"a","outcome":"failed","reason":"too_cold"}',))
    again = Ledger(notes)
    assert again.known_reply("a") == Reply("a", Outcome.UNKNOWN)
    assert not again.raise_fence(6)


def test_notes_with_a_spoilt_page_are_put_aside(tmp_path: Path) -> None:
    path, schema = tmp_path / "notes.db", ledger.SCHEMA + outbox.SCHEMA
    written = Notes(path, schema)
    with written.write() as db:
        db.executemany(
            "INSERT INTO taken VALUES (?, ?, 1, NULL)", ((place, f"{place:0100}") for place in range(1, 300))
        )
    written.close()
    data = bytearray(path.read_bytes())
    data[-4096:] = b"\xa5" * 4096
    path.write_bytes(data)
    opened = Notes(path, schema)
    assert Ledger(opened).known_reply(f"{1:0100}") is None
    assert Outbox(opened, "boot").pending() == []
    assert (tmp_path / "notes.broken").read_bytes() == data
    opened.close()


def test_fences_rise_and_survive_the_sweep(notes: Notes) -> None:
    book = Ledger(notes)
    for fence in range(ledger.MAX_REMEMBERED + 2 * SWEEP_EVERY):
        assert book.raise_fence(fence)
        book.record(str(fence))
        book.finish(Reply(str(fence), Outcome.DONE))
    assert notes.read("SELECT count(*) FROM taken")[0][0] <= ledger.MAX_REMEMBERED + SWEEP_EVERY
    again = Ledger(notes)
    assert not again.raise_fence(fence - 1)
    assert again.raise_fence(fence)
    assert again.known_reply(str(fence)) == Reply(str(fence), Outcome.DONE)


def test_the_fence_of_a_refused_command_survives_a_restart(notes: Notes) -> None:
    replies: list[Reply] = []

    def device() -> Commands:
        clock = SimpleNamespace(boot="b", up_ms=lambda: 0)
        return Commands(
            Ledger(notes), [Verb.UNLOCK], lambda *_: Result(Outcome.DONE), lambda reply, _: replies.append(reply), clock
        )

    def tell(to: Commands, command: Command) -> Reply:
        message = Received(Channel.COMMAND, b"", False, 10, None, time.monotonic())
        if admitted := to.admit(command, message):
            to.carry_out(admitted)
        return replies[-1]

    def refused(name: str, reason: Reason, *, repeated: bool = False) -> Reply:
        return Reply(name, Outcome.REFUSED, reason, repeated=repeated)

    first = device()
    blink = Command("blink", Verb.FIND, Find(1), 7, 10_000)
    assert tell(first, blink) == refused("blink", Reason.BAD_ARGS)
    again = device()
    assert tell(again, blink) == refused("blink", Reason.BAD_ARGS, repeated=True)
    assert tell(again, Command("old", Verb.UNLOCK, Unlock(), 6, 10_000)) == refused("old", Reason.STALE_FENCE)
    assert tell(again, Command("new", Verb.UNLOCK, Unlock(), 7, 10_000)).outcome is Outcome.DONE
    assert len(replies) == 4


def test_what_the_ledger_keeps_in_memory_is_bounded(notes: Notes) -> None:
    book = Ledger(notes)
    for number in range(3 * ledger.MAX_REMEMBERED):
        book.remember(Reply(str(number), Outcome.REFUSED, "bad_args"))
    assert book.known_reply("0") is None
    assert book.known_reply(str(3 * ledger.MAX_REMEMBERED - 1)) is not None


def test_events_of_an_earlier_boot_come_first(notes: Notes) -> None:
    first = Outbox(notes, "boot-1")
    for _ in range(3):
        first.add("2026-01-01T00:00:00.000Z", Scanned())
    second = Outbox(notes, "boot-2")
    second.add("2026-01-02T00:00:00.000Z", Scanned())
    assert [(event.boot, event.seq) for event in second.pending()] == [
        ("boot-1", 1),
        ("boot-1", 2),
        ("boot-1", 3),
        ("boot-2", 1),
    ]


def test_an_acknowledgement_takes_its_boot_up_to_its_number(notes: Notes) -> None:
    box = Outbox(notes, "boot-1")
    for _ in range(3):
        box.add("2026-01-01T00:00:00.000Z", Scanned())
    ack = Ack("boot-1", 2)
    assert box.drop(ack)
    assert not box.drop(ack), "once is enough"
    assert not box.drop(Ack("boot-0", 99))
    box.delete(ack)
    assert [event.seq for event in box.pending()] == [3]
    assert [event.seq for event in Outbox(notes, "boot-2").pending()] == [3]


def test_at_least_200_events_are_kept_and_their_number_is_bounded(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outbox.MAX_PENDING >= 200
    monkeypatch.setattr(outbox, "MAX_PENDING", 20)  # the bound itself is the same code, without two thousand flushes
    box = Outbox(notes, "boot-1")
    for _ in range(25):
        box.add("2026-01-01T00:00:00.000Z", Scanned())
    assert [event.seq for event in box.pending()] == list(range(6, 26))
    assert notes.read("SELECT count(*) FROM events")[0][0] == 20


def test_an_event_over_64_kib_takes_no_number(notes: Notes) -> None:
    box = Outbox(notes, "boot-1")
    with pytest.raises(ValueError, match=str(MAX_BYTES)):
        box.add("2026-01-01T00:00:00.000Z", Scanned("x" * MAX_BYTES))
    assert box.add("2026-01-01T00:00:00.000Z", Scanned()).seq == 1


def test_a_full_disk_tears_no_gap_into_the_events(notes: Notes) -> None:
    box = Outbox(notes, "boot-1")
    box.add("2026-01-01T00:00:00.000Z", Scanned())
    notes.close()  # nothing can be written any more
    box.add("2026-01-01T00:00:00.000Z", Scanned())
    assert [event.seq for event in box.pending()] == [1, 2]


def test_back_off_is_jittered_doubles_and_has_a_ceiling() -> None:
    backoff = Backoff(chance=random.Random(7))
    waits = [backoff.wait() for _ in range(200)]
    for number, wait in enumerate(waits):
        assert 0 <= wait <= min(60, 2.0**number)
    assert max(waits) > 50
    assert len({round(wait, 3) for wait in waits[10:]}) > 150, "no two devices return together"


def test_only_a_stable_connection_resets_the_back_off() -> None:
    backoff = Backoff(chance=random.Random(7))
    for _ in range(20):
        backoff.wait()
    backoff.connection_lasted(STABLE_S - 1)
    assert max(backoff.wait() for _ in range(20)) > 1
    backoff.connection_lasted(STABLE_S)
    assert backoff.wait() <= 1
