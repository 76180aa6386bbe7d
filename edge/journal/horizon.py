"""From where on the journal is kept. What lay before has left it; the tables of that moment are its snapshot."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.journal.entry import GENESIS
from edge.journal.facts import JournalPruned

FORM: Final = 2
"""The form of a journal from which facts have left: a build that does not know of it would make tables of the rest."""


class Horizon(msgspec.Struct, frozen=True):
    """Where the journal begins. A whole one begins with 1."""

    first: int = 1
    hash: bytes = GENESIS
    base: int = 0
    digest: bytes = b""
    to_ms: int = 0


WHOLE: Final = Horizon()


def horizon(connection: sqlite3.Connection) -> Horizon:
    """Returns from where on a journal is kept."""
    try:
        row = connection.execute("SELECT first, hash, base, digest, to_ms FROM horizon").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return WHOLE  # written by an earlier build, which had none
    return Horizon(row[0], bytes(row[1]), row[2], bytes(row[3]), row[4]) if row else WHOLE


def statements(pruned: JournalPruned) -> list[tuple[str, tuple[object, ...]]]:
    """What is written with the fact, in its transaction: from here on a journal begins there."""
    return [
        ("DELETE FROM horizon", ()),
        (
            "INSERT INTO horizon (first, hash, base, digest, to_ms) VALUES (?,?,?,?,?)",
            (pruned.first, bytes.fromhex(pruned.hash), pruned.base, bytes.fromhex(pruned.snapshot), pruned.to_ms),
        ),
        (
            """INSERT OR IGNORE INTO stream_ends SELECT sequence, hash FROM entries
               WHERE sequence IN (SELECT first_sequence-1 FROM streams)""",
            (),
        ),
        (f"PRAGMA user_version={FORM}", ()),
    ]
