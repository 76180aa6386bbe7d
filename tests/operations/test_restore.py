"""A box dies, or is set back: another one takes its place, and nothing that anybody still has is lost."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.journal.entry import GENESIS
from operations.backups import keys
from sync.wire import first_break
from tests.operations.dead_box import KEY, Box, as_rows, in_charge
from tests.rounds import rounds
from tests.sync.conftest import Receiver
from tests.sync.journals import entries, registered

ROUNDS = rounds(2, most=100)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    running = Receiver(tmp_path / "cloud" / "cloud.db")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def box(tmp_path: Path, receiver: Receiver) -> Box:
    return Box(tmp_path / "old", receiver)


def new_box(tmp_path: Path, receiver: Receiver, name: str = "new") -> Box:
    return Box(tmp_path / name, receiver, fresh=False)


def test_a_dead_box_is_replaced_and_the_journal_goes_on_byte_for_byte(
    box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    box.append(3_000)
    box.copy(tmp_path / "copies")
    box.append(2_500)
    box.sync()
    box.append(7)  # neither cloud nor copy has these
    before = entries(box.journal)
    shutil.copytree(box.folder, tmp_path / "zombie")
    box.die()
    new = new_box(tmp_path, receiver)
    said = new.restore(str(tmp_path / "copies"))
    assert "2500 facts came from the cloud" in said
    assert "the previous box is fenced there" in said
    found = entries(new.journal)
    assert as_rows(found[:5500]) == as_rows(before[:5500])
    assert [entry.type for entry in found[5500:]] == ["stream.opened.v1"]
    assert first_break(found, GENESIS) is None
    assert (new.data / "secrets" / "store.key").exists()
    assert (new.config / "store.toml").exists()
    new.append(40)
    new.sync()
    assert in_charge(receiver) == as_rows(entries(new.journal))
    # The old box was not dead after all.
    old = Box(tmp_path / "zombie", receiver, fresh=False)
    old.append(3)
    told = old.sync("fenced")
    assert "another box works in this one's place" in told["error"]
    assert in_charge(receiver) == as_rows(entries(new.journal)), "what it says counts for nothing"
    new.append(1)
    new.sync()


def test_a_journal_that_was_set_back_behind_everybodys_back_goes_on(
    box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    box.append(300)
    shutil.copytree(box.data, tmp_path / "image")
    box.append(200)
    box.sync()
    other = entries(box.journal)
    shutil.rmtree(box.data)
    shutil.copytree(tmp_path / "image", box.data)
    box.append(25)
    mine = entries(box.journal)[300:]
    assert "restore --here" in box.sync("diverged")["error"]
    said = box.restore("--here")
    assert "200 facts came from the cloud" in said
    assert "25 facts that only this box has are said again" in said
    found = entries(box.journal)
    assert as_rows(found[:500]) == as_rows(other)
    assert [(each.id, each.wall_ms, each.body) for each in found[501:]] == [
        (each.id, each.wall_ms, each.body) for each in mine
    ]
    assert first_break(found, GENESIS) is None
    box.sync()
    rows = in_charge(receiver)
    assert rows == as_rows(found)
    assert len({row[1] for row in rows}) == len(rows) == 526, "each fact once"
    assert "0 facts came" in box.restore("--here"), "and once more does no harm"
    box.sync()
    assert in_charge(receiver) == as_rows(entries(box.journal))
    assert len({row[1] for row in in_charge(receiver)}) == 527


def test_a_copy_that_is_ahead_of_the_cloud_brings_it_what_it_lacks(
    box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    box.append(100)
    box.sync()
    box.append(50)
    box.copy(tmp_path / "copies")
    box.die()
    for name in ("second", "third"):  # and the box that replaces it dies as well, before it was synced
        new = new_box(tmp_path, receiver, name)
        assert "0 facts came from the cloud" in new.restore(str(tmp_path / "copies"))
    new.sync()
    rows = in_charge(receiver)
    assert rows == as_rows(entries(new.journal))
    assert len(rows) == 151


def test_erasures_are_carried_out_before_it_opens(box: Box, receiver: Receiver, tmp_path: Path) -> None:
    box.append(1, *(registered(name) for name in ("by-cloud", "by-list", "by-box", "stays")))
    with_keys(box, "by-cloud", "by-list", "by-box", "stays")
    box.copy(tmp_path / "copies")
    (tmp_path / "copies" / "erased.txt").write_text("# random ids\nby-list\n")
    box.append(1, b'{"type":"member.erased.v1","member":"by-cloud","by":"member","request":"r"}')
    box.sync()
    box.die()
    new = new_box(tmp_path, receiver)
    new.data.mkdir(parents=True)
    (new.data / "erased.txt").write_text("by-box\n")
    assert "3 persons are erased" in new.restore(str(tmp_path / "copies"))
    assert with_keys(new) == ["stays"]
    assert set((new.data / "erased.txt").read_text().split("\n")[1:]) >= {"by-cloud", "by-list", "by-box"}
    for path in new.data.rglob("storekeeper.db*"):
        raw = path.read_bytes()
        assert b"key of stays" in raw or not path.name.endswith(".db")
        assert b"key of by-" not in raw, "not even on a page that nobody reads"


def with_keys(box: Box, *names: str) -> list[str]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(box.journal)) as found, found:
        found.executemany(
            "INSERT INTO person_keys VALUES (?,?)",
            [(name, f"key of {name}, 40 bytes long or so....".encode()) for name in names],
        )
        return [row[0] for row in found.execute("SELECT subject FROM person_keys ORDER BY 1")]


def test_without_its_key_or_its_cloud_it_is_a_sentence_and_nothing_is_touched(
    box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    box.append(20)
    box.copy(tmp_path / "copies")
    box.append(30)
    box.sync()
    box.die()
    new = new_box(tmp_path, receiver)
    copies = str(tmp_path / "copies")
    assert "not the one that this copy was made for" in new.restore(copies, typed=str(keys.fresh()), code=1)
    assert "AGE-SECRET-KEY-1" in new.restore(copies, typed="1234", code=1)
    assert "recovery key" in new.restore(copies, typed="", code=2)
    assert "there is no copy" in new.restore(str(tmp_path), code=1)
    assert "expected a folder" in new.restore(str(tmp_path / "nothing"), code=1)
    assert "name a copy" in new.restore(code=2)
    receiver.stop()
    said = new.restore(copies, code=1)
    assert "the cloud cannot be reached" in said
    assert "--without-cloud" in said
    assert not new.journal.exists()
    assert [path.name for path in new.data.iterdir()] == ["storekeeper.db.lock"]
    assert "21 facts" in new.restore(copies, "--without-cloud")
    receiver.start()
    new.append(5)
    new.sync()
    assert in_charge(receiver) == as_rows(entries(new.journal)), "what only the cloud has stays there, apart"
    assert "there is a store here already" in new.restore(copies, code=1)
    assert "before-" in new.restore(copies, "--replace")
    (aside,) = new.data.glob("before-*")
    assert len(entries(aside / "storekeeper.db")) == 26


def test_killed_at_any_moment_it_is_begun_again(box: Box, receiver: Receiver, tmp_path: Path) -> None:
    box.append(2_000)
    box.copy(tmp_path / "copies")
    box.append(500)
    box.sync()
    wanted = entries(box.journal)
    box.die()
    new = new_box(tmp_path, receiver)
    chance = random.Random(7)
    command = [sys.executable, "-m", "edge.cli", "restore", str(tmp_path / "copies"), "--replace", "--key-file"]
    (tmp_path / "key.txt").write_text(f"# typed\n{KEY}\n")
    command += [str(tmp_path / "key.txt"), "-c", str(new.config), "-d", str(new.data)]
    for _ in range(ROUNDS):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.8, 3.0))
        running.send_signal(signal.SIGKILL)
        running.wait()
        if new.journal.exists():
            found = entries(new.journal)
            assert as_rows(found[:2500]) == as_rows(wanted), "a whole journal, or none"
    new.restore(str(tmp_path / "copies"), "--replace")
    new.sync()
    assert in_charge(receiver) == as_rows(entries(new.journal))
    assert [path.name for path in new.data.glob(".restoring-*")] == []


def test_its_tables_say_what_its_facts_say(box: Box, receiver: Receiver, tmp_path: Path) -> None:
    from edge.bootstrap.journal import bring_tables, verify_journal
    from edge.settings.settings import load

    settings = load(box.config)
    box.append(400)
    bring_tables(box.journal, settings, 0)
    box.copy(tmp_path / "copies")
    box.append(300)
    box.sync()
    box.die()
    new = new_box(tmp_path, receiver)
    new.restore(str(tmp_path / "copies"))
    there = settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": new.data})})
    verdict = verify_journal(there)
    assert [fault for fault in verdict.faults if "table" in fault or "hash" in fault] == []
    assert verdict.entries == 701
    assert [note for note in verdict.notes if "tables" in note] == [], "brought up, not left for the gateway"
