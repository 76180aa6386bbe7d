"""Facts that this build does not know, as a later one wrote them: kept, counted, and their subjects held.

A later build may have given a cart away, spent a coupon or emptied a door by a fact that means nothing here. So
whatever such a fact names is left alone until a build runs that knows it. The ids in a fact's body have the same names
everywhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from edge.journal.entry import Entry, Fact

SUBJECTS: Final = {
    **{name: name for name in ("member", "parcel", "coupon", "bank", "door", "cart", "order", "device", "touchpoint")},
    "campaign": "coupon",
    "kin": "member",
    "players": "member",
    "printer": "device",
    "scanner": "device",
}
"""The names of ids in a fact's body, and of what. A door is named `bank/door`, as its number alone says nothing."""

TABLES: Final = frozenset({"unknown_facts", "held_subjects"})
SCHEMA: Final = """
CREATE TABLE unknown_facts (
    type TEXT PRIMARY KEY, count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE held_subjects (
    kind TEXT, subject TEXT, sequence INTEGER NOT NULL, type TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID;
"""

Subject = tuple[str, str]


def note(connection: sqlite3.Connection, entry: Entry) -> None:
    """Count a fact that is not applied, and hold what it names."""
    connection.execute(
        "INSERT INTO unknown_facts VALUES (?1,1,?2,?2) ON CONFLICT (type) DO UPDATE SET count=count+1, last=?2",
        (entry.type, entry.sequence),
    )
    connection.executemany(
        "INSERT INTO held_subjects VALUES (?,?,?,?,?) ON CONFLICT (kind, subject) DO UPDATE SET"
        " sequence=excluded.sequence, type=excluded.type, at_ms=excluded.at_ms",
        [(kind, subject, entry.sequence, entry.type, entry.wall_ms) for kind, subject in subjects_in(entry.body)],
    )


def held(connection: sqlite3.Connection) -> frozenset[Subject]:
    """Everything that is held."""
    return frozenset(map(tuple, connection.execute("SELECT kind, subject FROM held_subjects")))


def subjects_in(body: bytes) -> list[Subject]:
    """What a stored fact names; nothing where it cannot be read."""
    try:
        found = set(_subjects(json.loads(body)))
    except (ValueError, RecursionError):
        return []
    return sorted(found)


def subjects_of(fact: Fact) -> set[Subject]:
    """What a fact names."""
    return set(_subjects(msgspec.structs.asdict(fact)))


def _subjects(value: Any) -> Iterator[Subject]:
    """At any depth, as text or as a list of texts."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _subjects(item)
    elif isinstance(value, dict):
        bank = value.get("bank")
        for name, item in value.items():
            if name == "door" and isinstance(bank, str):
                yield from ((name, f"{bank}/{door}") for door in _texts(item))
            elif name in SUBJECTS and not (name == "bank" and "door" in value):
                yield from ((SUBJECTS[name], text) for text in _texts(item))
            yield from _subjects(item)


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, str) and item and item.isprintable()]


def touched(named: set[Subject], held: frozenset[Subject]) -> Subject | None:
    """The first of the named that is held, by itself or by what it is part of."""
    for kind, subject in sorted(named):
        for other in ((kind, subject), ("device", subject), *_holders(kind, subject)):
            if other in held:
                return other
    return None


def _holders(kind: str, subject: str) -> list[Subject]:
    """A bank that is held holds its doors."""
    bank = subject.partition("/")[0]
    return [("bank", bank), ("device", bank)] if kind == "door" else []
