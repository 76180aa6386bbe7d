"""What is asked of the journal's own tables, by those who only read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from edge.journal.entry import Entry
from edge.journal.schema import ENTRIES
from edge.journal.transaction import Reader, Reads

_BELONGING: Final = ("grant", "parcel", "opening", "job", "link")
"""Fields by which a fact belongs to another one."""


def last_sequence(reads: Reads) -> int:
    """Returns the newest sequence; 0 in an empty journal."""
    row = reads.one("SELECT max(sequence) AS last FROM entries")
    return int(row["last"] or 0) if row else 0


def first_and_last_sequence(reads: Reads) -> tuple[int, int] | None:
    """Returns the first and the newest sequence that are here; none in an empty journal."""
    row = reads.one("SELECT min(sequence) AS first, max(sequence) AS last FROM entries")
    return None if row is None or row["first"] is None else (int(row["first"]), int(row["last"]))


def recorded_ms(reads: Reads, sequence: int) -> int | None:
    """Returns when the entry at this sequence was recorded, or the next one that is here, in wall ms."""
    row = reads.one("SELECT wall_ms FROM entries WHERE sequence>=? ORDER BY sequence LIMIT 1", sequence)
    return int(row["wall_ms"]) if row else None


def first_since(reads: Reads, moment_ms: int) -> int:
    """Returns the first sequence recorded at this wall time or later; one past the newest where there is none.

    By halving: there is no index on the time, and sequences rise with it as long as the clock does not jump.
    """
    found = first_and_last_sequence(reads)
    if found is None:
        return 1
    low, high = found[0], found[1] + 1
    while low < high:
        middle = (low + high) // 2
        if (recorded_ms(reads, middle) or moment_ms) < moment_ms:
            low = middle + 1
        else:
            high = middle
    return low


def newest(reads: Reads, limit: int) -> list[Entry]:
    """Returns the newest entries, newest first."""
    return [Entry(*row) for row in reads.all(f"{ENTRIES} ORDER BY sequence DESC LIMIT ?", limit)]


def after(reads: Reads, sequence: int, limit: int) -> list[Entry]:
    """Returns the entries that follow a position, oldest first."""
    return [
        Entry(*row) for row in reads.all(f"{ENTRIES} WHERE sequence > ? ORDER BY sequence LIMIT ?", sequence, limit)
    ]


def newest_within(reads: Reads, first: int, last: int) -> int | None:
    """Returns the latest wall time of the entries from one to another; none where there are none."""
    row = reads.one("SELECT max(wall_ms) AS newest FROM entries WHERE sequence BETWEEN ? AND ?", first, last)
    return None if row is None or row["newest"] is None else int(row["newest"])


def newest_of(reads: Reads, kind: str, limit: int, among: int) -> list[bytes]:
    """Returns the bodies of the newest entries of a type, newest first, looked for among so many of the newest."""
    rows = reads.all(
        "SELECT body FROM entries WHERE sequence > (SELECT max(sequence) FROM entries)-? AND type=?"
        " ORDER BY sequence DESC LIMIT ?",
        among,
        kind,
        limit,
    )
    return [row["body"] for row in rows]


def has_entry_with(reads: Reads, kind: str, field: str, value: str) -> bool:
    """Whether any entry of a type has this value in a field."""
    sql = (
        "SELECT 1 FROM entries WHERE type=?"
        " AND CASE WHEN json_valid(CAST(body AS TEXT)) THEN json_extract(CAST(body AS TEXT), ?)=? END"
    )
    return reads.one(sql, kind, f"$.{field}", value) is not None


def entries_about(reads: Reads, persons: Sequence[str]) -> list[Entry]:
    """Returns every entry that names one of these persons, or belongs to one that does, in order. It reads all."""
    naming = ENTRIES + " WHERE instr(CAST(body AS TEXT), ?)"
    found = {row["sequence"]: Entry(*row) for person in persons for row in reads.all(naming, f'"{person}"')}
    theirs = {name for entry in found.values() for name in _belonging(entry)}
    if theirs:
        asked = "json_extract(CAST(body AS TEXT), '$.{}') IN (SELECT value FROM ids)"
        where = " OR ".join(map(asked.format, _BELONGING))
        # What was let go is no JSON, and one such body would end the whole look.
        readable = f"CASE WHEN json_valid(CAST(body AS TEXT)) THEN {where} END"
        sql = f"WITH ids(value) AS (SELECT value FROM json_each(?)) {ENTRIES} WHERE {readable}"  # noqa: S608
        found |= {row["sequence"]: Entry(*row) for row in reads.all(sql, json.dumps(sorted(theirs)))}
    return [found[sequence] for sequence in sorted(found)]


def fields_of(entry: Entry) -> dict[str, Any]:
    """What an entry says, by field; nothing of what was let go, or of what a later build said so that none reads it."""
    try:
        body = msgspec.json.decode(entry.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _belonging(entry: Entry) -> Iterable[str]:
    body = fields_of(entry)
    identity = entry.id.hex()
    yield f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:]}"
    yield from (body[name] for name in _BELONGING if isinstance(body.get(name), str) and len(body[name]) >= 16)


def was_used(reads: Reads) -> bool:
    """Whether a gateway worked on this journal. A catalogue may be put into force before there is a key."""
    return reads.one("SELECT 1 FROM entries WHERE type NOT LIKE 'catalogue.%' LIMIT 1") is not None


def has_tables(reads: Reads, *names: str) -> bool:
    """Whether all of these tables are there: an earlier version may not have made them."""
    return all(
        reads.one("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", name) is not None for name in names
    )


def latest_key(reads: Reads) -> bytes | None:
    """Returns the wrapped key of the person who came last; none where no key of anybody is kept."""
    row = reads.one("SELECT wrapped FROM person_keys ORDER BY rowid DESC LIMIT 1")
    return bytes(row["wrapped"]) if row else None


def persons_with_number(reads: Reads, index: str) -> list[str]:
    """Returns everybody whose number has this index."""
    return [row["subject"] for row in reads.all("SELECT subject FROM person_numbers WHERE number=?", index)]


def person_with_card(reads: Reads, index: str) -> str | None:
    """Returns the person whose card has this index."""
    row = reads.one("SELECT subject FROM person_cards WHERE card=?", index)
    return row["subject"] if row else None


class UnknownFacts(msgspec.Struct, frozen=True):
    """What a later version recorded."""

    form: int
    """The form of the journal's own tables."""
    facts: dict[str, int]
    """How many facts of each unknown type."""
    held: int
    """How many subjects are on hold for them."""


def unknown(reader: Reader) -> UnknownFacts:
    """Returns what this version does not know. Raises `sqlite3.OperationalError` where an earlier one did not say."""
    form = reader.one("PRAGMA user_version")
    held = reader.one("SELECT count(*) AS n FROM held_subjects")
    facts = {row["type"]: row["count"] for row in reader.all("SELECT type, count FROM unknown_facts ORDER BY type")}
    return UnknownFacts(form[0] if form else 0, facts, held["n"] if held else 0)
