"""The store's key, as the journal knows it: by a value that a key is checked against and that tells nothing of it.

Without it a lost or foreign key would be noticed by nobody until all codes, sessions and sealed numbers were worthless.
"""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

from edge.domain.callers import asked_by
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

Why = Literal["first", "new", "earlier", "persons_given_up"]
"""`first`: nothing was recorded before. `new` and `earlier`: somebody decided to go on with another key.
`persons_given_up`: somebody decided to go on without the keys of persons.
"""


class StoreKeyTaken(Fact, frozen=True, tag="store_key.taken.v1"):
    """From here on the store works with this key."""

    check: str
    """Names the key without telling it: 32 hexadecimal digits of a keyed hash."""
    why: Why
    sealed: int
    """How many sealed numbers the journal held then. They do not open with a key that is new."""


def taken(reads: Reads) -> list[sqlite3.Row]:
    """Every key that the store worked with, the latest first: key_check, why, sealed, at_ms."""
    return reads.all("SELECT key_check, why, sealed, at_ms FROM store_keys ORDER BY place DESC")


@asked_by("store")
def take(tx: Tx, *, check: str, why: Why, sealed: int) -> None:
    """Record that the store works with this key."""
    tx.emit(StoreKeyTaken(check=check, why=why, sealed=sealed))


def _taken(rows: Rows, entry: Entry, fact: StoreKeyTaken) -> None:
    rows.run(
        "INSERT INTO store_keys VALUES (?,?,?,?,?)", (entry.sequence, fact.check, fact.why, fact.sealed, entry.wall_ms)
    )


SCHEMA: Final = """
CREATE TABLE store_keys (place INTEGER PRIMARY KEY, key_check TEXT, why TEXT, sealed INTEGER, at_ms INTEGER) STRICT;
"""
APPLIES: Final[Applies] = {StoreKeyTaken: _taken}
