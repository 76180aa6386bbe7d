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
from edge.journal import chain
from edge.journal.entry import GENESIS, tag
from edge.journal.offline import append_missing, break_in_words
from edge.journal.queries import has_entry_with
from edge.journal.transaction import Reader, open_readonly
from edge.secrets import private
from operations.updates.disk import Disk
from operations.updates.trial import UpdateError

SPARE: Final = 16 * 1024 * 1024
"""Bytes that must be left on the disk beside the copy."""
LAST: Final = 1000
"""So many facts at the end are verified after a switch."""


class JournalEnd(msgspec.Struct, frozen=True):
    """Where a journal ended before the switch."""

    sequence: int = 0
    hash: bytes = GENESIS


def mark_of(journal: Path) -> JournalEnd:
    """Where a journal ends now."""
    with closing(open_readonly(journal)) as connection:
        return JournalEnd(*chain.last(connection))


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


def broken_since(journal: Path, mark: JournalEnd) -> str:
    """Follows the chain over the last facts and the mark. Returns what is wrong; empty when all is well."""
    with closing(open_readonly(journal)) as connection:
        if mark.sequence and chain.hash_of(connection, mark.sequence) != mark.hash:
            return f"fact {mark.sequence} is not the one that it was before"
        found = chain.find_break(connection, LAST)
    return break_in_words(found) if found else ""


def unlocked(journal: Path, cart: str) -> bool:
    """Whether a journal says that a cart was unlocked."""
    with closing(Reader(journal)) as reads:
        return has_entry_with(reads, tag(CartUnlocked), "cart", cart)


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
        return append_missing(connection, journal)
