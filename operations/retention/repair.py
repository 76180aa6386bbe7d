"""A damaged journal made whole: what can be read is taken over, what cannot comes from the cloud, each hash proven.

The damaged file is kept beside it. Where a fact is in neither, nothing is made: a journal with a hole is none.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import structlog

from edge.errors import JournalError, StorekeeperError
from edge.journal import Projections
from edge.journal.chain import follows
from edge.journal.entry import Entry
from edge.journal.horizon import horizon
from edge.journal.offline import insert_entries
from edge.journal.salvage import last_readable, open_damaged, readable_entries, take_over
from edge.journal.schema import open_writer
from edge.journal.streams import streams
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from edge.secrets.private import fsync_path

log = structlog.get_logger(__name__)

AT_ONCE: Final = 500
KEPT_DAYS: Final = 30
"""How long a damaged file is kept aside; as long as a backup."""
Fetch = Callable[[bytes, int, bytes], Iterator[Entry]]
"""The entries of a stream that follow one, given that one's hash, as the cloud has them. Raises `OSError`."""


class NotRepaired(StorekeeperError):
    """The journal could not be made whole here: what is missing."""


def repair(journal: Path, nouns: Projections, fetch: Fetch | None = None, at_least: int = 0) -> Path:
    """A whole copy of a damaged journal, beside it. Returns its file. Raises `NotRepaired`. Writers must be silent.

    The cloud has acknowledged `at_least` so many entries: a journal that ends before has lost its end.
    """
    made = journal.with_name(f"{journal.name}.repairing")
    _remove(made)
    try:
        with closing(open_damaged(journal)) as source, closing(open_writer(str(made))) as target:
            target.execute("PRAGMA synchronous=OFF")  # it is flushed as a whole in the end
            target.execute("BEGIN")
            take_over(source, target)
            count = _entries(source, target, fetch, at_least)
            target.execute("COMMIT")
            rebuild(target, nouns)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        faults = verify(made, nouns).faults
        if faults:
            raise NotRepaired(f"what was put together does not hold: {faults[0]}")
        whole = journal.with_name(f"{journal.name}.repaired-{journal.stat().st_ino}")
        fsync_path(made)
        made.rename(whole)
    except (sqlite3.Error, OSError, JournalError) as error:
        raise NotRepaired(f"{journal} cannot be read where it must be: {error}") from error
    finally:
        _remove(made)
    log.warning("journal.repaired", facts=count)
    return whole


def put_in_place(journal: Path, *, keep: bool = True) -> bool:
    """Where a repaired copy of exactly this file lies beside it, it takes its place; the damaged one is kept.

    Not with `keep` false: what is whole but ends early tells nothing, and holds the keys of who was erased since.
    """
    repaired = None
    if journal.exists():
        repaired = journal.with_name(f"{journal.name}.repaired-{journal.stat().st_ino}")
    for other in journal.parent.glob(f"{journal.name}.repaired-*"):
        if other != repaired and not other.name.endswith(("-wal", "-shm")):
            _remove(other)  # of a file that is no longer here
    if repaired is None or not repaired.exists():
        return False
    aside = next(place for n in range(1000) if not (place := journal.with_name(f"{journal.name}.damaged-{n}")).exists())
    os.link(journal, aside)  # there is a journal at every moment: where none is, a store begins
    with suppress(FileNotFoundError):
        journal.with_name(f"{journal.name}-wal").rename(aside.with_name(f"{aside.name}-wal"))
    journal.with_name(f"{journal.name}-shm").unlink(missing_ok=True)
    repaired.rename(journal)
    fsync_path(journal.parent)
    if not keep:
        _remove(aside)
    log.warning("journal.put_in_place", damaged=aside.name if keep else "")
    return True


def end_old(journal: Path) -> None:
    """Delete damaged files that lie here longer than a copy may: who was erased since would go on in them."""
    for aside in journal.parent.glob(f"{journal.name}.damaged-*"):
        with suppress(FileNotFoundError):
            if time.time() - aside.stat().st_mtime > KEPT_DAYS * 86_400:
                aside.unlink()


def _entries(source: sqlite3.Connection, target: sqlite3.Connection, fetch: Fetch | None, at_least: int) -> int:
    """Every entry from the first that is kept, each proven. Returns how many."""
    here = horizon(target)
    place, previous = here.first - 1, here.hash
    known = streams(target)
    end = max(last_readable(source) or place, at_least)
    while place < end:
        good = list(_sound(readable_entries(source, place, min(place + AT_ONCE, end)), place, previous))
        if not good:
            if fetch is None:
                raise NotRepaired(f"entry {place + 1} cannot be read, and there is no cloud to ask for it")
            stream = next(each.id for each in reversed(known) if each.first <= place + 1)
            fetched = _sound(_until(fetch(stream, place, previous), end), place, previous)
            good = [entry for entry, _ in zip(fetched, range(AT_ONCE), strict=False)]
            if not good:
                raise NotRepaired(f"entry {place + 1} can neither be read here nor be had from the cloud")
        insert_entries(target, good)
        place, previous = good[-1].sequence, good[-1].hash
    return place - here.first + 1


def _sound(entries: Iterator[Entry] | list[Entry], place: int, previous: bytes) -> Iterator[Entry]:
    """Those that go on from a place without a gap, each proven, up to the first that does not."""
    for entry in entries:
        if entry.sequence != place + 1 or not follows(entry, previous):
            return
        yield entry
        place, previous = entry.sequence, entry.hash


def _until(entries: Iterator[Entry], end: int) -> Iterator[Entry]:
    for entry in entries:
        if entry.sequence > end:
            return
        yield entry


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
