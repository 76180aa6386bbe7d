"""Proof on site that the journal was not altered, and that the tables say what the journal says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from edge.journal.entry import GENESIS, Entry, link
from edge.journal.schema import ENTRIES
from edge.journal.transaction import Nouns, Rows, open_readonly


class Verdict(msgspec.Struct, frozen=True):
    """What a verification found."""

    entries: int
    faults: tuple[str, ...]
    """A sentence each; empty when all is well."""


def verify(path: Path, nouns: Nouns) -> Verdict:
    """Follow the chain from the first entry, then compare each table with one made anew from the facts."""
    connection = open_readonly(path)
    connection.execute("BEGIN")  # one snapshot of a journal that goes on being written
    shadow = sqlite3.connect(":memory:", isolation_level=None)
    for statement in filter(str.strip, nouns.schema.split(";")):
        shadow.execute(statement)
    faults: list[str] = []
    count, previous, rows = 0, GENESIS, Rows(shadow)
    shadow.execute("BEGIN")
    for row in connection.execute(ENTRIES + " ORDER BY sequence"):
        entry = Entry(*row)
        faults += _broken_links(entry, count + 1, previous)
        try:
            nouns.apply(rows, entry, nouns.decode(entry.body))
        except (msgspec.DecodeError, LookupError, sqlite3.Error) as error:
            faults.append(f"entry {entry.sequence} ({entry.type}): cannot be applied: {error}")
        count, previous = entry.sequence, entry.hash
        if len(faults) > 20:
            faults.append("more than 20 faults: stopped here")
            return Verdict(count, tuple(faults))
    faults += _differences(connection, shadow)
    connection.close()
    shadow.close()
    return Verdict(count, tuple(faults))


def _broken_links(entry: Entry, expected: int, previous: bytes) -> Iterator[str]:
    if entry.sequence != expected:
        yield f"entry {entry.sequence}: expected sequence {expected}: entries are missing"
    found = link(previous, entry.stream, entry.sequence, entry.id, entry.wall_ms, entry.mono_ms, entry.boot, entry.body)
    if found != entry.hash:
        yield f"entry {entry.sequence} ({entry.type}): hash {entry.hash.hex()} expected, {found.hex()} found"


def _differences(live: sqlite3.Connection, shadow: sqlite3.Connection) -> Iterator[str]:
    for (name,) in shadow.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"):
        query = f'SELECT * FROM "{name}"'  # noqa: S608 - the name comes from our own schema
        left = sorted(map(repr, map(tuple, live.execute(query))))
        right = sorted(map(repr, map(tuple, shadow.execute(query))))
        if left != right:
            extra, missing = set(left) - set(right), set(right) - set(left)
            example = next(iter(extra or missing), "")
            yield f"table {name}: {len(extra)} rows too many, {len(missing)} missing, such as {example}"
