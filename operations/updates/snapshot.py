"""A copy of the journal as it was under the old version, and how the old version lives on with what came after it.

The copy is made while the store serves. Most versions read each other's journals, and then it is not needed: facts of a
later version are kept and passed by. Only where a version gave the journal another form is it put back; then every fact
since is put behind it again, byte for byte, so that nothing that anybody was told is lost.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.carts.facts import CartUnlocked
from edge.journal.entry import GENESIS, Entry, link, tag
from edge.journal.schema import COLUMNS, ENTRIES
from edge.journal.transaction import open_readonly
from edge.secrets import private
from operations.updates.disk import Disk
from operations.updates.trial import UpdateError

SPARE: Final = 16 * 1024 * 1024
"""Bytes that must be left on the disk beside the copy."""
BESIDE: Final = ("streams", "person_keys", "person_numbers", "person_cards")
"""What is no fact and belongs to them. It is taken as it is now: who was erased meanwhile stays erased."""
LAST: Final = 1000
"""So many facts at the end are verified after a switch."""


class Mark(msgspec.Struct, frozen=True):
    """Where a journal ended before the switch."""

    sequence: int = 0
    hash: bytes = GENESIS


def mark_of(journal: Path) -> Mark:
    """Where a journal ends now."""
    with closing(open_readonly(journal)) as connection:
        row = connection.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
    return Mark(*row) if row else Mark()


def copy(journal: Path, target: Path, disk: Disk) -> None:
    """Copy a journal that goes on being written, as it is at one moment. Raises `UpdateError`, `OSError`."""
    free, size = shutil.disk_usage(target.parent).free, journal.stat().st_size
    if free < size + SPARE:
        raise UpdateError(
            f"a copy of the journal needs {size >> 20} MB below {target.parent}, and {free >> 20} MB are free"
        )
    fresh = target.with_name(f"{target.name}.part")
    disk.remove(fresh)
    private.database(fresh)
    try:
        with closing(open_readonly(journal)) as source, closing(sqlite3.connect(fresh)) as copied:
            source.backup(copied)
    except sqlite3.Error as error:
        disk.remove(fresh)
        raise UpdateError(f"the journal cannot be copied: {error}") from None
    disk.flush(fresh)
    disk.rename(fresh, target)
    disk.flush(target.parent)


def form_of(journal: Path) -> int:
    """The form of a journal's own tables."""
    with closing(open_readonly(journal)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def broken_since(journal: Path, mark: Mark) -> str:
    """Follows the chain over the last facts and the mark. Returns what is wrong; empty when all is well."""
    with closing(open_readonly(journal)) as connection:
        row = connection.execute("SELECT hash FROM entries WHERE sequence=?", (mark.sequence,)).fetchone()
        if mark.sequence and (row is None or row[0] != mark.hash):
            return f"fact {mark.sequence} is not the one that it was before"
        rows = connection.execute(ENTRIES + " ORDER BY sequence DESC LIMIT ?", (LAST + 1,)).fetchall()
    entries = [Entry(*row) for row in reversed(rows)]
    previous = GENESIS if entries and entries[0].sequence == 1 else None
    return _break_in(entries, previous)


def unlocked(journal: Path, cart: str) -> bool:
    """Whether a journal says that a cart was unlocked."""
    with closing(open_readonly(journal)) as connection:
        found = connection.execute(
            "SELECT 1 FROM entries WHERE type=? AND json_extract(CAST(body AS TEXT), '$.cart')=?",
            (tag(CartUnlocked), cart),
        ).fetchone()
    return found is not None


def _break_in(entries: list[Entry], previous: bytes | None) -> str:
    place = entries[0].sequence if entries else 0
    for at, entry in enumerate(entries, place):
        if entry.sequence != at:
            return f"fact {at} is missing"
        if previous is not None and _link(previous, entry) != entry.hash:
            return f"the chain breaks at fact {entry.sequence}"
        previous = entry.hash
    return ""


def _link(previous: bytes, entry: Entry) -> bytes:
    return link(previous, entry.stream, entry.sequence, entry.id, entry.wall_ms, entry.mono_ms, entry.boot, entry.body)


def put_back(snapshot: Path, journal: Path, disk: Disk) -> int:
    """Put the copy in the place of a journal that the old version cannot read, with every fact that came after it.

    The store must be closed. What was there is kept beside it as `<name>.later`. Returns how many facts were carried
    over. Raises `UpdateError`; then the journal is as it was.
    """
    fresh = journal.with_name(f"{journal.name}.back")
    disk.remove(fresh)
    shutil.copyfile(snapshot, fresh)
    fresh.chmod(0o600)
    try:
        carried = _carry_over(fresh, journal)
    except sqlite3.Error as error:
        disk.remove(fresh)
        raise UpdateError(f"what came after the copy cannot be carried over: {error}") from None
    disk.flush(fresh)
    owner = journal.stat()
    shutil.chown(fresh, owner.st_uid, owner.st_gid)
    later = journal.with_name(f"{journal.name}.later")
    for suffix in ("-wal", "-shm"):
        if journal.with_name(journal.name + suffix).exists():
            disk.rename(journal.with_name(journal.name + suffix), later.with_name(later.name + suffix))
    disk.rename(journal, later)
    disk.rename(fresh, journal)
    disk.flush(journal.parent)
    return carried


def _carry_over(fresh: Path, journal: Path) -> int:
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        # Not as a file of ours: it is read as it lies there, its log with it.
        connection.execute("ATTACH ? AS later", (f"{journal.resolve()}",))
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("SELECT max(sequence) FROM main.entries").fetchone()
        since = row[0] or 0
        connection.execute(
            f"INSERT INTO main.entries ({COLUMNS}) SELECT {COLUMNS} FROM later.entries WHERE sequence > ? ORDER BY 1",  # noqa: S608
            (since,),
        )
        for name in BESIDE:
            names = ", ".join(found[1] for found in connection.execute(f"PRAGMA main.table_info({name})"))
            if names:
                connection.execute(f"DELETE FROM main.{name}")  # noqa: S608 - of the four above
                connection.execute(f"INSERT INTO main.{name} ({names}) SELECT {names} FROM later.{name}")  # noqa: S608
        # The old version makes its tables anew from the facts.
        connection.execute("DELETE FROM main._made")
        after = connection.execute(ENTRIES + " WHERE sequence >= ? ORDER BY sequence", (max(since, 1),)).fetchall()
        if fault := _break_in([Entry(*row) for row in after], GENESIS if since == 0 else None):
            connection.execute("ROLLBACK")
            raise sqlite3.DatabaseError(fault)
        connection.execute("COMMIT")
        return len(after) - (1 if since else 0)
