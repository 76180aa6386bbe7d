"""A journal's file that is not what was written: found, made whole of what is left and the cloud, never anew."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.errors import JournalDamaged, JournalError
from edge.journal import Entry, Projections
from edge.journal.journal import Journal
from edge.journal.pruning import prune
from edge.journal.reader import JournalReader
from edge.journal.sync_status import SyncStatus
from edge.journal.verify import verify
from operations.retention import repair as repairing
from operations.retention.recovery import SoundnessWatch, doubt, recover
from operations.retention.soundness import at_start, each_hour
from tests.journal.coins import COINS, drop

if TYPE_CHECKING:
    from collections.abc import Iterator

NOUNS = [COINS]


class Place:
    """A journal of 1,500 facts, of which 500 have left, and what the cloud has of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "storekeeper.db"
        self.status = folder / "sync.json"
        self.cloud: list[Entry] = []
        self.boxes: list[tuple[Any, ...]] = []

    async def make(self) -> None:
        journal = Journal(self.path, NOUNS)
        await asyncio.gather(*(journal.write(drop, f"box-{n % 300}", 1, "x" * 100) for n in range(1500)))
        await journal.write(lambda tx: [drop(tx, "box-1", 1), tx.keep_key("member-1", b"wrapped")])
        with closing(JournalReader(self.path)) as reader:
            self.cloud = reader.after(0, 5000)
        await prune(journal, 501, 500, "cloud")
        with closing(JournalReader(self.path)) as reader:
            self.cloud += reader.after(1501, 10)
        self.boxes = [tuple(row) for row in journal.reads.all("SELECT * FROM boxes ORDER BY box")]
        journal.close()

    def acknowledged(self, upto: int) -> None:
        digest = self.cloud[upto - 1].hash.hex()
        self.status.write_bytes(msgspec.json.encode(SyncStatus(acked=upto, acked_hash=digest)))

    def fetch(self, stream: bytes, place: int, previous: bytes) -> Iterator[Entry]:
        del stream
        assert previous == self.cloud[place - 1].hash
        yield from self.cloud[place:]

    def recover(self, *, cloud: bool = False) -> bool:
        return recover(self.path, self.status, NOUNS, self.fetch if cloud else None)

    def is_as_before(self) -> None:
        assert verify(self.path, Projections(NOUNS)).faults == ()
        connection = sqlite3.connect(self.path)
        assert connection.execute("SELECT * FROM boxes ORDER BY box").fetchall() == self.boxes
        assert connection.execute("SELECT * FROM person_keys").fetchall() == [("member-1", b"wrapped")]
        connection.close()

    def pages_of(self, name: str) -> list[int]:
        """The pages of a table or an index, its root first."""
        connection = sqlite3.connect(self.path)
        try:
            found = connection.execute("SELECT pageno FROM dbstat WHERE name=? ORDER BY path", (name,)).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite was built without dbstat")
        finally:
            connection.close()
        return [row[0] for row in found]

    def spoil(self, page: int, what: bytes = b"\xde\xad\xbe\xef" * 1024) -> None:
        with self.path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(what)


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    await made.make()
    return made


def test_a_sound_journal_is_left_alone(place: Place) -> None:
    before = place.path.read_bytes()
    assert (at_start(place.path, place.status), each_hour(place.path)) == ("", "")
    assert not place.recover()
    assert place.path.read_bytes() == before


@pytest.mark.parametrize("name", ["boxes", "sqlite_autoindex_boxes_1"])
def test_spoilt_tables_are_made_again_of_what_is_left(place: Place, name: str) -> None:
    place.spoil(place.pages_of(name)[-1])
    said = each_hour(place.path)
    assert "is damaged" in said
    doubt(place.path, said)
    assert place.recover()
    place.is_as_before()
    assert [path.name for path in place.path.parent.glob("*.damaged-0")] == ["storekeeper.db.damaged-0"], "it is kept"
    assert not place.recover()


def test_a_damaged_file_is_not_kept_for_ever(place: Place) -> None:
    aside = place.path.with_name(f"{place.path.name}.damaged-0")
    aside.write_bytes(b"with the keys of somebody")
    assert not place.recover()
    assert aside.exists()
    os.utime(aside, (0, time.time() - 31 * 86_400))
    assert not place.recover()
    assert not aside.exists()


@pytest.mark.parametrize("which", [1, -1])
def test_spoilt_facts_come_from_the_cloud(place: Place, which: int) -> None:
    place.spoil(place.pages_of("entries")[which])
    doubt(place.path, each_hour(place.path))
    with pytest.raises(JournalDamaged, match=r"is damaged: .*(no cloud|cannot be read)"):
        place.recover()
    before = place.path.read_bytes()
    with pytest.raises(JournalDamaged):
        place.recover()
    assert place.path.read_bytes() == before, "nothing is made of half a journal"
    place.acknowledged(1501)
    if which == -1:  # nobody can tell how many facts there were: a new stream has to be opened
        with pytest.raises(JournalDamaged, match="cannot be read"):
            place.recover(cloud=True)
    else:
        assert place.recover(cloud=True)
        place.is_as_before()


def test_a_fact_that_was_altered_is_found_and_fetched(place: Place) -> None:
    connection = sqlite3.connect(place.path)
    connection.execute("DROP TRIGGER entries_stay_unchanged")
    connection.execute(
        "UPDATE entries SET body=CAST(replace(CAST(body AS TEXT), ':1', ':9') AS BLOB) WHERE sequence=900"
    )
    connection.commit()
    connection.close()
    assert at_start(place.path, place.status) == "", "too far back to be seen at first sight"
    said = each_hour(place.path)
    assert "entry 900 is not what was written" in said
    doubt(place.path, said)
    assert place.recover(cloud=True)
    place.is_as_before()


def test_an_end_that_is_lost_is_fetched(place: Place) -> None:
    connection = sqlite3.connect(place.path)
    connection.execute("DROP TRIGGER entries_stay")
    connection.execute("DELETE FROM entries WHERE sequence > 1490")
    connection.commit()
    connection.close()
    place.acknowledged(1502)
    doubt(place.path, "a power cut")
    assert not place.recover(), "the chain holds as far as it goes, and without the cloud the store opens"
    assert place.recover(cloud=True)
    place.is_as_before()
    assert not list(place.path.parent.glob("*.damaged-*")), "it would keep the keys of who was erased since"


@pytest.mark.parametrize("how", ["first page", "text", "short"])
def test_what_is_no_journal_any_more_is_said(place: Place, how: str) -> None:
    if how == "first page":
        place.spoil(1)
    elif how == "text":
        place.path.write_bytes(b"this was a journal once" * 500)
    else:
        place.path.write_bytes(place.path.read_bytes()[:6000])
    with pytest.raises(JournalDamaged, match="is damaged"):
        place.recover(cloud=True)


@pytest.mark.parametrize("how", ["UPDATE snapshots SET body=x'00'", "DELETE FROM snapshots"])
async def test_a_snapshot_that_is_spoilt_is_said_and_what_can_be_read_is_served(place: Place, how: str) -> None:
    with closing(sqlite3.connect(place.path)) as connection:
        connection.execute(how)
        connection.commit()
    others = [msgspec.structs.replace(COINS, schema=COINS.schema + "CREATE INDEX boxes_by_coins ON boxes (coins);")]
    with pytest.raises(JournalError, match="not what was written"):
        Journal(place.path, others)
    journal = Journal(place.path, NOUNS)
    said = await SoundnessWatch(journal, place.status, place.fetch).look()
    assert "the snapshot of entry 500 is not what was written" in said
    with pytest.raises(JournalDamaged):
        await journal.write(drop, "box-1", 1)
    journal.close()
    with pytest.raises(JournalDamaged, match="snapshot"):
        place.recover(cloud=True)


def test_a_journal_that_is_gone_is_not_begun_anew(place: Place) -> None:
    place.acknowledged(1501)
    place.path.unlink()
    with pytest.raises(JournalDamaged, match="gone, though the cloud has acknowledged 1501"):
        place.recover(cloud=True)
    place.path.touch()
    with pytest.raises(JournalDamaged, match="gone"):
        place.recover()
    assert place.path.stat().st_size == 0


def test_a_new_store_begins(tmp_path: Path) -> None:
    assert not recover(tmp_path / "storekeeper.db", tmp_path / "sync.json", NOUNS)


async def test_found_while_it_runs_it_records_nothing_more_and_makes_a_whole_copy(place: Place) -> None:
    journal = Journal(place.path, NOUNS)
    watch = SoundnessWatch(journal, place.status)
    assert await watch.look() == ""
    assert watch.needs(0) == []
    index = place.pages_of("sqlite_autoindex_boxes_1")[-1]
    journal.close()
    place.spoil(index)
    journal = Journal(place.path, NOUNS)
    watch = SoundnessWatch(journal, place.status)
    assert "is damaged" in await watch.look()
    with pytest.raises(JournalDamaged):
        await journal.write(drop, "box-1", 1)
    assert [need.kind for need in watch.needs(7)] == ["journal_damaged"]
    assert not journal.pulse.writes
    assert journal.pulse.broken.is_set(), "the gateway begins again with the copy"
    journal.close()
    assert place.recover()
    place.is_as_before()


async def test_without_a_way_to_make_it_whole_it_is_read_only(place: Place) -> None:
    page = place.pages_of("entries")[1]
    place.spoil(page)
    journal = Journal(place.path, NOUNS)
    watch = SoundnessWatch(journal, place.status)
    assert await watch.look()
    with pytest.raises(JournalDamaged):
        await journal.write(drop, "box-1", 1)
    assert journal.reads.one("SELECT count(*) AS n FROM boxes")["n"] == 300, "what can be read is served"  # type: ignore[index]
    assert not journal.pulse.broken.is_set()
    assert journal.pulse.answers, "a restart would not help"
    journal.close()
    watch = SoundnessWatch(journal := Journal(place.path, NOUNS), place.status, place.fetch)
    assert await watch.look()
    assert journal.pulse.broken.is_set(), "the cloud is there again"
    journal.close()
    assert place.recover()
    place.is_as_before()


def test_a_copy_that_was_made_for_another_file_is_not_taken(place: Place) -> None:
    place.spoil(place.pages_of("boxes")[-1])
    repairing.repair(place.path, Projections(NOUNS))
    restored = place.path.with_name("restored")
    shutil.copy(place.path, restored)
    restored.replace(place.path)
    assert not repairing.put_in_place(place.path)
    assert not list(place.path.parent.glob("*.repaired-*"))


def test_wherever_it_is_spoilt_it_is_whole_again_or_said(place: Place, tmp_path: Path) -> None:
    """Any page, any bytes: never a store that has forgotten something."""
    place.acknowledged(1501)
    whole, chance = place.path.read_bytes(), random.Random(7)
    for number in range(12):
        other = Place(tmp_path / f"case-{number}")
        other.path.parent.mkdir()
        other.path.write_bytes(whole)
        other.cloud, other.boxes = place.cloud, place.boxes
        other.acknowledged(1501)
        page = chance.randrange(1, len(whole) // 4096 + 1)
        other.spoil(page, chance.randbytes(chance.choice([16, 512, 4096])))
        said = at_start(other.path, other.status) or each_hour(other.path)
        if said:
            doubt(other.path, said)
            try:
                other.recover(cloud=True)
            except JournalDamaged:
                continue
            other.is_as_before()
        else:  # values within a row of a table, which only the facts can tell
            assert all(fault.startswith("table boxes") for fault in verify(other.path, Projections(NOUNS)).faults)


class PowerCut(BaseException):
    """Nothing runs any more."""


@pytest.mark.parametrize(("of", "last"), [(Path, "rename"), (repairing, "fsync_path")])
def test_a_power_cut_while_a_whole_copy_takes_its_place_leaves_a_journal(
    place: Place, monkeypatch: pytest.MonkeyPatch, of: object, last: str
) -> None:
    """Between two names there was no journal: the copy was thrown away as another file's, and a new store begun."""
    place.spoil(place.pages_of("boxes")[-1])
    repairing.repair(place.path, Projections(NOUNS))
    rename = Path.rename

    def cut(path: Path, target: Path | None = None) -> None:
        if target is None or target == place.path:
            raise PowerCut
        rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(of, last, cut)
        with pytest.raises(PowerCut):
            repairing.put_in_place(place.path)
    assert place.path.exists()
    repairing.put_in_place(place.path)
    place.is_as_before()
