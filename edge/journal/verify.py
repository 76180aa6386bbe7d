"""Proof on site that the journal was not altered, and that the tables say what the journal says."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import tables
from edge.journal.entry import Entry, entry_hash, is_withheld, tag
from edge.journal.facts import JournalPruned
from edge.journal.horizon import WHOLE, horizon
from edge.journal.packing import PHRASES, known_to, plain
from edge.journal.schema import ENTRIES
from edge.journal.snapshot import digest_of, parts_in
from edge.journal.transaction import Projections, open_readonly

MAX_FAULTS: Final = 20
PRUNED: Final = tag(JournalPruned)


class Verification(msgspec.Struct, frozen=True):
    """What a verification found."""

    entries: int
    """The number of the newest entry."""
    faults: tuple[str, ...]
    """A sentence each; empty when all is well."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and is no fault."""
    first: int = 1
    """From which entry on it was proven. For those before it stands the snapshot that an entry binds."""


def verify(path: Path, nouns: Projections) -> Verification:
    """Follow the chain from the first entry that is kept, then compare each table with one made anew from the facts.

    Of what has left the journal, the snapshot is proven by the fact that binds it.
    """
    with closing(open_readonly(path)) as connection, closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        connection.execute("BEGIN")  # one snapshot of a journal that goes on being written
        return _Verification(connection, made, nouns).verdict()


class _Verification:
    """One walk over a journal."""

    def __init__(self, connection: sqlite3.Connection, shadow: sqlite3.Connection, nouns: Projections) -> None:
        self._live = connection
        self._shadow = shadow
        self._nouns = nouns
        self._here = horizon(connection)
        self._faults: list[str] = []
        self._let_go = 0
        self._bound: JournalPruned | None = None
        """The newest fact that says from where on the journal is kept."""

    def verdict(self) -> Verification:
        known_to(self._shadow)
        tables.create(self._shadow, self._nouns)
        self._shadow.execute("BEGIN")
        parts = self._parts()
        replay, _ = tables.begin(self._shadow, self._nouns, parts)
        count = self._walk(replay)
        if len(self._faults) + len(replay.faults) > MAX_FAULTS:
            more = f"more than {MAX_FAULTS} faults: stopped here"
            return Verification(count, (*self._faults, *replay.faults, more), (), self._here.first)
        self._faults += [*replay.faults, *self._unbound()]
        notes = [*self._begins(), *_unknown(self._shadow)]
        if tables.state(self._live, self._nouns) != "as_wanted":
            notes.append(
                "the tables were made by another version's rules; this one makes them anew when it next starts"
            )
        elif parts is not None or not self._here.base:
            self._faults += _differences(self._live, self._shadow)
        return Verification(count, tuple(self._faults), tuple(notes), self._here.first)

    def _parts(self) -> list[bytes] | None:
        """The snapshot, where there is one and it is the one that is bound."""
        if not self._here.base:
            return None
        parts = list(parts_in(self._live, self._here.base))
        if digest_of(parts) == self._here.digest:
            return parts
        self._faults.append(f"the snapshot of entry {self._here.base} is not the one that the journal was left with")
        return None

    def _walk(self, replay: tables.Replay) -> int:
        count, previous = self._here.first - 1, self._here.hash
        rows = self._live.execute(ENTRIES + " WHERE sequence >= ? ORDER BY sequence", (self._here.first,))
        for row in rows:
            entry = Entry(*row)
            self._faults += _broken_links(entry, count + 1, previous)
            self._look(entry)
            if entry.sequence > self._here.base:
                replay.take(entry)
            count, previous = entry.sequence, entry.hash
            if len(self._faults) + len(replay.faults) > MAX_FAULTS:
                break
        return count

    def _look(self, entry: Entry) -> None:
        if entry.type == PRUNED:
            self._bound = _pruned(entry.body) or self._bound
        if is_withheld(entry.body):
            self._let_go += 1
            if entry.sequence > self._here.base or not (
                self._nouns.is_passing(entry.type) or entry.type not in self._nouns.readers
            ):
                self._faults.append(f"entry {entry.sequence} ({entry.type}): what it says is missing")

    def _unbound(self) -> Iterator[str]:
        """Whether the newest fact about it says of the journal's beginning what the file says."""
        here, bound = self._here, self._bound
        if bound is None:
            if here != WHOLE:
                yield f"the journal begins with entry {here.first}, and no fact of it says so"
            return
        said = (bound.first, bound.hash, bound.base, bound.snapshot)
        if said != (here.first, here.hash.hex(), here.base, here.digest.hex()):
            yield (
                f"a fact binds entry {bound.first} as the first and a snapshot of {bound.base}; the file begins with"
                f" {here.first} and has one of {here.base}"
            )

    def _begins(self) -> Iterator[str]:
        here = self._here
        if here.first > 1:
            day = datetime.fromtimestamp(here.to_ms / 1000, tz=UTC)
            yield (
                f"proven from entry {here.first} on; the {here.first - 1} before it, up to {day:%Y-%m-%d}, have left"
                f" the journal, and the tables of entry {here.base} stand for them, bound by a fact"
            )
        if self._let_go:
            yield f"{self._let_go} facts that only told how things went were let go for want of space; the chain holds"


def _unknown(shadow: sqlite3.Connection) -> list[str]:
    return [
        f"{count} facts {kind}, which this version does not know: kept and passed by"
        for kind, count in shadow.execute("SELECT type, count FROM unknown_facts ORDER BY type")
    ]


def _pruned(body: bytes) -> JournalPruned | None:
    """What it says; none where it is not what was written, which the chain tells."""
    try:
        return msgspec.json.decode(body, type=JournalPruned)
    except (ValueError, RecursionError):
        return None


def _broken_links(entry: Entry, expected: int, previous: bytes) -> Iterator[str]:
    if entry.sequence != expected:
        yield f"entry {entry.sequence}: expected sequence {expected}: entries are missing"
    try:
        found = entry_hash(
            previous, entry.stream, entry.sequence, entry.id, entry.wall_ms, entry.mono_ms, entry.boot, entry.body
        )
    except struct.error as error:
        yield f"entry {entry.sequence} ({entry.type}): no entry of ours: {error}"
        return
    if found != entry.hash:
        yield f"entry {entry.sequence} ({entry.type}): hash {entry.hash.hex()} expected, {found.hex()} found"


def _differences(live: sqlite3.Connection, shadow: sqlite3.Connection) -> Iterator[str]:
    for name in tables.tables(shadow):
        if name == PHRASES:  # they are in what is packed by them
            continue
        query = f'SELECT * FROM "{name}"'  # noqa: S608 - the name comes from our own schema
        left, right = (sorted(repr(plain(each, row)) for row in each.execute(query)) for each in (live, shadow))
        if left != right:
            extra, missing = set(left) - set(right), set(right) - set(left)
            example = next(iter(extra or missing), "")
            yield f"table {name}: {len(extra)} rows too many, {len(missing)} missing, such as {example}"
