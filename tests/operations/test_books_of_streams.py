"""The daily comparison over what is not one whole stream: restored boxes, parked entries, bodies that were let go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.journal.entry import GENESIS, withheld
from edge.journal.reader import JournalReader
from operations.diagnosis.books.compare import BookEntry, DeviceEvent, _of_events
from sync.cloud.sqlite_store import SqliteStore
from sync.wire import pack
from tests.operations.test_books import Day, said
from tests.sync.journals import JournalFile, entries
from tests.sync.test_streams import reopened, turns, uplink


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """Forty facts, a restored box's forty more, and those of one more."""
    found = Day(tmp_path)
    for generation in (1, 2):
        journal = JournalFile(found.journal)
        reader = JournalReader(found.journal)
        journal.stream = reader.stream()
        reader.close()
        journal.append(40)
        journal.close()
        reopened(found.journal, generation)
    return found


def sent(day: Day) -> None:
    store = SqliteStore(day.cloud)
    assert turns(uplink(day.journal, store)) == "ok"
    store.close()


def test_a_restored_store_of_which_the_cloud_has_all(day: Day) -> None:
    """Only the newest stream was asked for, and every fact of those before was said to be missing in the cloud."""
    sent(day)
    found = day.compared()
    assert (said(found), found.cloud, found.on_the_way) == ([], "compared", 0)
    assert sum(each.cloud or 0 for each in found.counts) == found.facts == 82


@pytest.mark.parametrize("place", [20, 41, 60, 82])
def test_one_that_the_cloud_lost_of_any_stream_is_named(day: Day, place: int) -> None:
    sent(day)
    day.change(day.cloud, ("DELETE FROM entries WHERE sequence=?", (place,)))
    assert said(day.compared()) == [("missing_in_cloud", entries(day.journal)[place - 1].id.hex())]


def test_what_follows_on_a_stream_that_is_not_there_as_a_whole_is_on_its_way(day: Day) -> None:
    store = SqliteStore(day.cloud)
    store.receive("s001", pack(entries(day.journal)[:30], GENESIS), 1)
    store.close()
    found = day.compared()
    assert (said(found), found.on_the_way) == ([], 52)


def test_what_an_earlier_box_still_sent_is_no_difference(day: Day) -> None:
    """It lies in the cloud beyond the entry from which the restored box goes on, and has these places' numbers."""
    store, every = SqliteStore(day.cloud), entries(day.journal)
    store.receive("s001", pack(every[:40], GENESIS), 1)
    store.close()
    sent(day)
    later = JournalFile(day.data / "later.db")
    later.stream, later.sequence, later.hash = every[39].stream, 40, every[39].hash
    later.append(5)
    later.close()
    reader = JournalReader(later.path)
    store = SqliteStore(day.cloud)
    store.receive("s001", pack(reader.after(40, 5), every[39].hash), 1)
    store.close()
    reader.close()
    assert said(day.compared()) == []


def test_an_entry_whose_body_the_cloud_would_not_take_is_the_same(day: Day) -> None:
    """The cloud has its digest. That of nothing was compared instead, and the entry called altered."""
    store = SqliteStore(day.cloud)
    store.receive("s001", pack(entries(day.journal)[:40], GENESIS, parked={7}), 1)
    store.close()
    sent(day)
    assert said(day.compared()) == []


def test_bodies_that_were_let_go_for_want_of_space_differ_from_nothing(day: Day) -> None:
    """They were called altered, and one of an event of a device ended the comparison."""
    sent(day)
    body = json.dumps({"type": "device.reported.v1", "device": "d", "boot": "b", "seq": 1}).encode()
    whole = entries(day.journal)[4].body  # of the two others the cloud has another body
    day.change(
        day.journal,
        ("UPDATE entries SET body=? WHERE sequence=5", (withheld(whole),)),
        ("UPDATE entries SET body=?, type='device.reported.v1' WHERE sequence=6", (withheld(body),)),
        ("UPDATE entries SET body=?, type='cart.unlocked.v1' WHERE sequence=7", (withheld(body),)),
    )
    assert set(said(day.compared())) == {("altered", entries(day.journal)[place].id.hex()) for place in (5, 6)}


def test_a_fact_of_a_device_that_was_changed_is_named_and_breaks_nothing(day: Day) -> None:
    """Without its fields it ended the comparison."""
    sent(day)
    for place, (kind, body) in enumerate(
        (kind, body)
        for kind in ("device.reported.v1", "cart.unlocked.v1", "cart.unlock_failed.v1")
        for body in (b"{", b"[]", b'{"type":"x"}', b'{"outcome":"done","grant":"g"}')
    ):
        day.change(day.journal, ("UPDATE entries SET body=?, type=? WHERE sequence=?", (body, kind, place + 1)))
    assert {name for kind, name in said(day.compared()) if kind == "altered"} == {
        entry.id.hex() for entry in entries(day.journal)[:12]
    }


def test_a_device_that_skips_as_many_numbers_as_there_are_is_one_line() -> None:
    """Each of them was counted out, in memory, and the box had no memory left."""

    def heard(seq: int, missed: int = 0) -> DeviceEvent:
        return DeviceEvent("cart-01", "b", seq, missed, BookEntry(seq, f"{seq}", "device.reported.v1", 0, ""))

    found = list(_of_events([heard(5, 2), heard(8), heard(2**53, 2**53 - 9)]))
    assert [each.id for each in found] == ["b/3", "b/4", "b/6", "b/7", f"b/9-{2**53 - 1}"]
