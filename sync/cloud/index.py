"""What is here of a stream, entry by entry and without the bodies: for a store that compares its books."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Final

from sync.cloud.streams import find
from sync.messages import Index, IndexEntry

MAX_LINES: Final = 10_000
"""Lines in one answer."""


def index(connection: sqlite3.Connection, store: str, stream: bytes, after: int, limit: int) -> Index:
    """The entries that follow `after` as they lie here, whatever became of them: a hole stays a hole."""
    found = find(connection, store, stream)
    if found is None:
        return Index(0, [])
    rows = connection.execute(
        "SELECT sequence, id, type, wall_ms, body, sha256, hash FROM entries LEFT JOIN parked USING (stream, sequence)"
        " WHERE stream=? AND sequence>? ORDER BY sequence LIMIT ?",
        (found.key, after, min(max(1, limit), MAX_LINES)),
    )
    lines = [
        IndexEntry(
            sequence, identity.hex(), kind, wall, (parked or hashlib.sha256(body or b"").digest()).hex(), digest.hex()
        )
        for sequence, identity, kind, wall, body, parked, digest in rows
    ]
    return Index(found.cursor, lines)
