"""Facts leave the journal: a snapshot takes their place, one fact binds it into the chain, then their rows go.

Each step holds by itself. Before the fact, nothing has changed but some rows that nobody reads; after it, what
is left to do is done by whoever opens the journal next (`finish_pruning`).
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from edge.errors import JournalError
from edge.journal.entry import GENESIS, WITHHELD, withheld
from edge.journal.facts import JournalPruned
from edge.journal.horizon import Horizon, horizon
from edge.journal.reader import JournalReader
from edge.journal.schema import COLUMNS, ENTRIES
from edge.journal.snapshot_builder import SnapshotFile, make

if TYPE_CHECKING:
    from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

SLICE: Final = 500
"""Entries that go in one commit: shoppers wait behind it."""
PARTS: Final = 20
"""Parts of an earlier snapshot that go in one commit."""


async def prune(journal: Journal, first: int, base: int, because: str) -> JournalPruned:
    """Let every fact before `first` go; the tables of entry `base` stand for them. Returns the fact that says so.

    Raises `JournalError`, and `making.Abandoned` when the journal closes meanwhile.
    """
    here, now = await asyncio.to_thread(_bounds, journal, first, base)
    digest = here.digest if base == here.base else await _make(journal, base)
    pruned = JournalPruned(
        first=first,
        hash=now.hash.hex(),
        base=base,
        snapshot=digest.hex(),
        facts=first - here.first,
        to_ms=now.to_ms,
        because=because,
    )
    await journal.write(lambda tx: tx.prune(pruned))
    await finish_pruning(journal)
    return pruned


async def _make(journal: Journal, base: int) -> bytes:
    """A snapshot of the tables as of an entry, in the journal's file, unbound. Returns its digest."""
    ending = threading.Event()
    journal.on_close(ending.set)
    made = await asyncio.to_thread(make, journal.path, journal.nouns, base, ending.wait)
    try:
        await _keep(journal, made)
    finally:
        made.discard()
    return made.digest


async def finish_pruning(journal: Journal) -> int:
    """Remove what a pruning has left behind, and rows of snapshots that none has bound. Returns how many entries."""
    with closing(JournalReader(journal.path)) as reader:
        here = reader.horizon()
        lowest = reader.lowest()
    gone = max(0, here.first - lowest)
    while lowest < here.first:
        upto = min(lowest + SLICE, here.first)
        await _commit_apart(journal, partial(_remove, first=upto))
        lowest = upto
    left = True
    while left:
        left = bool(await _commit_apart(journal, lambda connection: _forget(connection, here.base)))
    return gone


async def withhold(journal: Journal, first: int, last: int) -> int:
    """What only told how things went, of these entries, is withheld: their places in the chain stay. Returns how many.

    Raises `JournalError` where the snapshot does not reach so far.
    """
    with closing(JournalReader(journal.path)) as reader:
        if last > reader.horizon().base:
            raise JournalError(f"entry {last} is not in the snapshot yet, and its tables would be lost")
    passing = frozenset(kind for kind in journal.nouns.readers if journal.nouns.is_passing(kind))
    gone = 0
    for begin in range(first, last + 1, SLICE):
        end = min(begin + SLICE - 1, last)
        gone += await _commit_apart(journal, partial(_thin, first=begin, last=end, passing=passing))
    return gone


def _bounds(journal: Journal, first: int, base: int) -> tuple[Horizon, Horizon]:
    """Where the journal begins, and where it will. Raises `JournalError` where it cannot begin there."""
    with closing(JournalReader(journal.path)) as reader:
        here, last = reader.horizon(), reader.last()[0]
        before = reader.hash_at(first - 1) if first > 1 else GENESIS
        if not (here.first <= first <= base + 1 <= last + 1 and base >= here.base) or before is None:
            raise JournalError(
                f"a journal of entries {here.first} to {last} with a snapshot of {here.base} cannot be kept from"
                f" {first} with one of {base}"
            )
        to_ms = max(here.to_ms, reader.newest_before(first))
    return here, Horizon(first, before, base, b"", to_ms)


async def _keep(journal: Journal, made: SnapshotFile) -> None:
    """The parts go into the journal's file one by one; they count for nothing until a fact binds them."""
    await _commit_apart(journal, lambda connection: _forget(connection, horizon(connection).base, all_at_once=True))
    for number, part in enumerate(made.parts()):
        row = (made.base, number, part)
        await _commit_apart(journal, partial(_insert, row=row))


async def _commit_apart(journal: Journal, work: Callable[[sqlite3.Connection], int]) -> int:
    """One commit of its own, and a pause as long as that took."""
    found = 0

    def run(connection: sqlite3.Connection) -> None:
        nonlocal found
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    began = time.monotonic()
    await journal.run_exclusively(run)
    await asyncio.sleep(time.monotonic() - began)
    return found


def _insert(connection: sqlite3.Connection, row: tuple[int, int, bytes]) -> int:
    return connection.execute("INSERT INTO snapshots (base, part, body) VALUES (?,?,?)", row).rowcount


def _remove(connection: sqlite3.Connection, first: int) -> int:
    return connection.execute("DELETE FROM entries WHERE sequence < ?", (first,)).rowcount


def _forget(connection: sqlite3.Connection, base: int, *, all_at_once: bool = False) -> int:
    limit = -1 if all_at_once else PARTS
    return connection.execute(
        "DELETE FROM snapshots WHERE rowid IN (SELECT rowid FROM snapshots WHERE base<>? LIMIT ?)", (base, limit)
    ).rowcount


def _thin(connection: sqlite3.Connection, first: int, last: int, passing: frozenset[str]) -> int:
    """Written anew side by side, so that whole pages come free; a shorter body alone would free nothing."""
    rows = [tuple(row) for row in connection.execute(f"{ENTRIES} WHERE sequence BETWEEN ? AND ?", (first, last))]
    going = [row for row in rows if row[3] in passing and row[7][:1] != WITHHELD]
    if not going:
        return 0
    connection.execute("DELETE FROM entries WHERE sequence BETWEEN ? AND ?", (first, last))
    gone = {row[0] for row in going}
    connection.executemany(
        f"INSERT INTO entries ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",  # noqa: S608 - our own columns
        [(*row[:7], withheld(row[7]), row[8]) if row[0] in gone else row for row in rows],
    )
    connection.executemany(
        """INSERT INTO losses VALUES (?1,'let_go',1,?2,?2) ON CONFLICT (type, why)
           DO UPDATE SET count=count+1, first_ms=min(first_ms, ?2), last_ms=max(last_ms, ?2)""",
        [(row[3], row[4]) for row in going],
    )
    return len(going)
