"""Sorting what was received, after it was acknowledged: a fact that cannot be read is set aside and never sent back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

import msgspec

from edge.domain.members.facts import MemberErased, MemberRegistered
from edge.journal.entry import tag
from sync.cloud.leases import remember, settle
from sync.messages import SignedLease

STEP: Final = 20_000
"""Most entries of one stream that one transaction sorts."""
MAX_NAME: Final = 64
"""Letters of the longest name that any store has: of a type, a member, a touchpoint."""
_IS_TYPE: Final = f"type GLOB '[a-z]*.[a-z]*.v[1-9]*' AND length(CAST(type AS BLOB)) <= {MAX_NAME}"
"""As a text it would end with its first NUL."""

REGISTERED: Final = tag(MemberRegistered)
ERASED: Final = tag(MemberErased)

_registered = msgspec.json.Decoder(MemberRegistered)
_erased = msgspec.json.Decoder(MemberErased)


def shelve(connection: sqlite3.Connection, is_mine: Callable[[SignedLease], bool]) -> bool:
    """Count, quarantine and list what each stream brought since its last turn. True when there was anything.

    `is_mine` tells a lease of this receiver's own.
    """
    waiting = connection.execute(
        "SELECT key, store, shelved, cursor, coalesce(sealed, cursor) FROM streams WHERE shelved < cursor"
    ).fetchall()
    for key, store, shelved, cursor, sealed in waiting:
        upto = min(cursor, shelved + STEP)
        own = min(upto, max(shelved, sealed))
        _sort(connection, key, store, shelved, own)
        remember(connection, key, store, shelved, own, is_mine)
        settle(connection, key, store, shelved, own)
        _set_aside(connection, key, own, upto)
        connection.execute("UPDATE streams SET shelved=? WHERE key=?", (upto, key))
    return bool(waiting)


def _sort(connection: sqlite3.Connection, key: int, store: str, shelved: int, upto: int) -> None:
    connection.execute(
        f"""INSERT INTO counts SELECT ?, iif({_IS_TYPE}, type, ''), count(*) FROM entries
           WHERE stream=? AND sequence>? AND sequence<=?
           GROUP BY 2 ON CONFLICT DO UPDATE SET number = number + excluded.number""",  # noqa: S608 - our own condition
        (store, key, shelved, upto),
    )
    connection.execute(
        f"""INSERT OR IGNORE INTO quarantine
           SELECT stream, sequence, CASE WHEN body IS NULL THEN 'parked' WHEN type = '' THEN 'unreadable'
                                         ELSE 'unknown type' END
           FROM entries WHERE stream=? AND sequence>? AND sequence<=? AND NOT ({_IS_TYPE})""",  # noqa: S608 - ours
        (key, shelved, upto),
    )
    _list_registrations(connection, key, store, shelved, upto)
    _forget_erased(connection, key, store, shelved, upto)


def _set_aside(connection: sqlite3.Connection, key: int, after: int, upto: int) -> None:
    """What a box sent that another one had replaced: it is kept, and counts for nothing until somebody has looked."""
    connection.execute(
        "INSERT OR IGNORE INTO quarantine SELECT stream, sequence, 'salvaged' FROM entries"
        " WHERE stream=? AND sequence>? AND sequence<=?",
        (key, after, upto),
    )


def _list_registrations(connection: sqlite3.Connection, key: int, store: str, after: int, upto: int) -> None:
    # Whatever clock a store has, nothing happened there after it came here.
    rows = connection.execute(
        "SELECT sequence, min(wall_ms, contact_ms), body FROM entries e JOIN streams s ON s.key=e.stream"
        " WHERE e.stream=? AND sequence>? AND sequence<=? AND type=?",
        (key, after, upto, REGISTERED),
    ).fetchall()
    for sequence, at_ms, body in rows:
        try:
            person = _person(body)
        except (ValueError, RecursionError) as error:
            connection.execute("INSERT OR IGNORE INTO quarantine VALUES (?,?,?)", (key, sequence, str(error)))
            continue
        given = " ".join(name for name in ("service", "marketing") if getattr(person.consents, name))
        connection.execute(
            "INSERT OR IGNORE INTO registrations VALUES (?,?,?,?,?,?,?,?)",
            (at_ms, key, sequence, store, person.member, person.touchpoint, person.language, given),
        )


def _person(body: bytes) -> MemberRegistered:
    """Raises `ValueError`, also for one with names that are no names: the page shows them."""
    person = _registered.decode(body)
    if max(map(len, (person.member, person.touchpoint, person.language))) > MAX_NAME:
        raise ValueError(f"names of more than {MAX_NAME} letters")
    return person


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
