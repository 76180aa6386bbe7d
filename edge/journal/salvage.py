"""What can still be read of a damaged journal, for whoever makes a whole one of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from edge.journal.entry import Entry
from edge.journal.horizon import FORM, horizon
from edge.journal.schema import ENTRIES
from edge.journal.transaction import OF_PERSONS, open_readonly

KEPT: Final = ("streams", "stream_ends", "horizon", "snapshots", "builds", "losses", *OF_PERSONS)
"""What no fact can make again."""


def open_damaged(journal: Path) -> sqlite3.Connection:
    """A connection that can only read. Raises `sqlite3.Error` where not even the list of tables can be read."""
    connection = open_readonly(journal)
    connection.row_factory = None
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def take_over(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """What no fact can make again, row by row; an earlier build may not have all of these tables."""
    have = {row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    target.execute("DELETE FROM streams")
    for name in (name for name in KEPT if name in have):
        columns = [row[1] for row in source.execute(f'PRAGMA table_info("{name}")')]
        names, marks = ", ".join(columns), ",".join("?" * len(columns))
        rows = source.execute(f"SELECT {names} FROM {name}")  # noqa: S608 - our own tables
        target.executemany(f"INSERT INTO {name} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own tables
    if horizon(target).first > 1:
        target.execute(f"PRAGMA user_version={FORM}")


def last_readable(source: sqlite3.Connection) -> int | None:
    """The newest entry. Raises `sqlite3.Error` where the end of the file cannot be read: nobody knows what it was."""
    row = source.execute("SELECT max(sequence) FROM entries").fetchone()
    return None if row[0] is None else int(row[0])


def readable_entries(source: sqlite3.Connection, after: int, upto: int) -> list[Entry]:
    """The entries of a stretch that can be read: where a page cannot, those on the others."""
    if after >= upto:
        return []
    try:
        rows = source.execute(f"{ENTRIES} WHERE sequence > ? AND sequence <= ? ORDER BY sequence", (after, upto))
        return [Entry(*row) for row in rows]
    except (sqlite3.Error, TypeError):
        if upto - after == 1:
            return []
    middle = (after + upto) // 2
    return [*readable_entries(source, after, middle), *readable_entries(source, middle, upto)]
