"""Sorting what was received, after it was acknowledged: a fact that cannot be read is set aside and never sent back."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.domain.members.facts import MemberErased, MemberRegistered
from edge.journal.entry import tag
from sync.cloud.leases import settle

STEP: Final = 20_000
"""Most entries of one stream that one transaction sorts."""

REGISTERED: Final = tag(MemberRegistered)
ERASED: Final = tag(MemberErased)

_registered = msgspec.json.Decoder(MemberRegistered)
_erased = msgspec.json.Decoder(MemberErased)


def shelve(connection: sqlite3.Connection) -> bool:
    """Count, quarantine and list what each stream brought since its last turn. True when there was anything."""
    waiting = connection.execute(
        "SELECT key, store, shelved, cursor, coalesce(sealed, cursor) FROM streams WHERE shelved < cursor"
    ).fetchall()
    for key, store, shelved, cursor, sealed in waiting:
        upto = min(cursor, shelved + STEP)
        own = min(upto, max(shelved, sealed))
        _sort(connection, key, store, shelved, own)
        _set_aside(connection, key, own, upto)
        connection.execute("UPDATE streams SET shelved=? WHERE key=?", (upto, key))
    return bool(waiting)


def _sort(connection: sqlite3.Connection, key: int, store: str, shelved: int, upto: int) -> None:
    connection.execute(
        """INSERT INTO counts SELECT ?, type, count(*) FROM entries WHERE stream=? AND sequence>? AND sequence<=?
           GROUP BY type ON CONFLICT DO UPDATE SET number = number + excluded.number""",
        (store, key, shelved, upto),
    )
    connection.execute(
        """INSERT OR IGNORE INTO quarantine
           SELECT stream, sequence, CASE WHEN body IS NULL THEN 'parked' WHEN type = '' THEN 'unreadable'
                                         ELSE 'unknown type' END
           FROM entries WHERE stream=? AND sequence>? AND sequence<=? AND type NOT GLOB '[a-z]*.[a-z]*.v[1-9]*'""",
        (key, shelved, upto),
    )
    _list_registrations(connection, key, store, shelved, upto)
    _forget_erased(connection, key, store, shelved, upto)
    settle(connection, key, store, shelved, upto)


def _set_aside(connection: sqlite3.Connection, key: int, after: int, upto: int) -> None:
    """What a box sent that another one had replaced: it is kept, and counts for nothing until somebody has looked."""
    connection.execute(
        "INSERT OR IGNORE INTO quarantine SELECT stream, sequence, 'salvaged' FROM entries"
        " WHERE stream=? AND sequence>? AND sequence<=?",
        (key, after, upto),
    )


def _list_registrations(connection: sqlite3.Connection, key: int, store: str, after: int, upto: int) -> None:
    rows = connection.execute(
        "SELECT sequence, wall_ms, body FROM entries WHERE stream=? AND sequence>? AND sequence<=? AND type=?",
        (key, after, upto, REGISTERED),
    ).fetchall()
    for sequence, at_ms, body in rows:
        try:
            person = _registered.decode(body)
        except (ValueError, RecursionError) as error:
            connection.execute("INSERT OR IGNORE INTO quarantine VALUES (?,?,?)", (key, sequence, str(error)))
            continue
        given = " ".join(name for name in ("service", "marketing") if getattr(person.consents, name))
        connection.execute(
            "INSERT OR IGNORE INTO registrations VALUES (?,?,?,?,?,?,?,?)",
            (at_ms, key, sequence, store, person.member, person.touchpoint, person.language, given),
        )


def _forget_erased(connection: sqlite3.Connection, key: int, store: str, after: int, upto: int) -> None:
    """Whoever was erased in the store is on no list here; the counts stay."""
    rows = connection.execute(
        "SELECT sequence, body FROM entries WHERE stream=? AND sequence>? AND sequence<=? AND type=?",
        (key, after, upto, ERASED),
    ).fetchall()
    for sequence, body in rows:
        try:
            person = _erased.decode(body)
        except (ValueError, RecursionError) as error:
            connection.execute("INSERT OR IGNORE INTO quarantine VALUES (?,?,?)", (key, sequence, str(error)))
            continue
        connection.execute("DELETE FROM registrations WHERE store=? AND member=?", (store, person.member))
