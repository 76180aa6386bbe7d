"""Proof on site that the journal was not altered, and that the tables say what the journal says."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import tables
from edge.journal.entry import GENESIS, Entry, link
from edge.journal.schema import ENTRIES
from edge.journal.transaction import Nouns, open_readonly

MAX_FAULTS: Final = 20


class Verdict(msgspec.Struct, frozen=True):
    """What a verification found."""

    entries: int
    faults: tuple[str, ...]
    """A sentence each; empty when all is well."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and is no fault."""


def verify(path: Path, nouns: Nouns) -> Verdict:
    """Follow the chain from the first entry, then compare each table with one made anew from the facts."""
    connection = open_readonly(path)
    connection.execute("BEGIN")  # one snapshot of a journal that goes on being written
    shadow = sqlite3.connect(":memory:", isolation_level=None)
    tables.create(shadow, nouns)
    shadow.execute("BEGIN")
    faults: list[str] = []
    count, previous, replay = 0, GENESIS, tables.Replay(shadow, nouns)
    for row in connection.execute(ENTRIES + " ORDER BY sequence"):
        entry = Entry(*row)
        faults += _broken_links(entry, count + 1, previous)
        replay.take(entry)
        count, previous = entry.sequence, entry.hash
        if len(faults) + len(replay.faults) > MAX_FAULTS:
            return Verdict(count, (*faults, *replay.faults, f"more than {MAX_FAULTS} faults: stopped here"))
    faults += replay.faults
    notes = _unknown(shadow)
    if tables.state(connection, nouns) == "as_wanted":
        faults += _differences(connection, shadow)
    else:
        notes.append("the tables were made by another version's rules; this one makes them anew when it next starts")
    connection.close()
    shadow.close()
    return Verdict(count, tuple(faults), tuple(notes))


def _unknown(shadow: sqlite3.Connection) -> list[str]:
    return [
        f"{count} facts {kind}, which this version does not know: kept and passed by"
        for kind, count in shadow.execute("SELECT type, count FROM unknown_facts ORDER BY type")
    ]


def _broken_links(entry: Entry, expected: int, previous: bytes) -> Iterator[str]:
    if entry.sequence != expected:
        yield f"entry {entry.sequence}: expected sequence {expected}: entries are missing"
    try:
        found = link(
            previous, entry.stream, entry.sequence, entry.id, entry.wall_ms, entry.mono_ms, entry.boot, entry.body
        )
    except struct.error as error:
        yield f"entry {entry.sequence} ({entry.type}): no entry of ours: {error}"
        return
    if found != entry.hash:
        yield f"entry {entry.sequence} ({entry.type}): hash {entry.hash.hex()} expected, {found.hex()} found"


def _differences(live: sqlite3.Connection, shadow: sqlite3.Connection) -> Iterator[str]:
    for name in tables.tables(shadow):
        query = f'SELECT * FROM "{name}"'  # noqa: S608 - the name comes from our own schema
        left = sorted(map(repr, map(tuple, live.execute(query))))
        right = sorted(map(repr, map(tuple, shadow.execute(query))))
        if left != right:
            extra, missing = set(left) - set(right), set(right) - set(left)
            example = next(iter(extra or missing), "")
            yield f"table {name}: {len(extra)} rows too many, {len(missing)} missing, such as {example}"
