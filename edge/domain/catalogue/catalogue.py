"""Which version of the catalogue is in force. Products are no facts: each version is a file of its own."""

from __future__ import annotations

from typing import Any, Final

from edge.domain.callers import asked_by
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx


class CatalogueActivated(Fact, frozen=True, tag="catalogue.activated.v1"):
    """From now on this version is in force."""

    version: str
    sha256: str
    """Of the version's file, hexadecimal."""
    count: int
    """Products in it."""
    by: str


class CatalogueRolledBack(Fact, frozen=True, tag="catalogue.rolled_back.v1"):
    """From now on the version before is in force again."""

    version: str
    sha256: str
    count: int
    left: str
    """The version that was in force until now."""
    by: str


@asked_by("store")
def activate(tx: Tx, *, version: str, sha256: str, count: int, by: str) -> bool:
    """Put a version into force. False where it is."""
    now = in_force(tx)
    if now is not None and now["version"] == version:
        return False
    tx.emit(CatalogueActivated(version=version, sha256=sha256, count=count, by=by))
    return True


@asked_by("store")
def roll_back(tx: Tx, *, left: str, by: str) -> str:
    """Put the version that was in force before `left` into force again, and return its name.

    Sent twice it goes back once. Refuses: catalogue_no_older.
    """
    now = in_force(tx)
    if now is not None and now["version"] != left:
        return str(now["version"])
    older = before(tx)
    if older is None:
        raise tx.refuse("catalogue_no_older", version=left)
    tx.emit(
        CatalogueRolledBack(version=older["version"], sha256=older["sha256"], count=older["count"], left=left, by=by)
    )
    version: str = older["version"]
    return version


def in_force(reads: Reads) -> dict[str, Any] | None:
    """Row of the version in force: version, sha256, count, by, since_ms; none before the first."""
    row = reads.one("SELECT * FROM catalogue_versions ORDER BY place DESC LIMIT 1")
    return dict(row) if row else None


def before(reads: Reads) -> dict[str, Any] | None:
    """Row of the version that a roll back leads to."""
    row = reads.one("SELECT * FROM catalogue_versions ORDER BY place DESC LIMIT 1 OFFSET 1")
    return dict(row) if row else None


def _activated(rows: Rows, entry: Entry, fact: CatalogueActivated) -> None:
    rows.run(
        "INSERT INTO catalogue_versions (version, sha256, count, by, since_ms) VALUES (?,?,?,?,?)",
        (fact.version, fact.sha256, fact.count, fact.by, entry.wall_ms),
    )


def _rolled_back(rows: Rows, entry: Entry, fact: CatalogueRolledBack) -> None:
    rows.run("DELETE FROM catalogue_versions WHERE place=(SELECT max(place) FROM catalogue_versions)", ())
    rows.run(
        "UPDATE catalogue_versions SET since_ms=?, by=? WHERE place=(SELECT max(place) FROM catalogue_versions)",
        (entry.wall_ms, fact.by),
    )


SCHEMA: Final = """CREATE TABLE catalogue_versions (
        place INTEGER PRIMARY KEY, version TEXT, sha256 TEXT, count INTEGER, by TEXT, since_ms INTEGER) STRICT;"""
APPLIES: Final[Applies] = {CatalogueActivated: _activated, CatalogueRolledBack: _rolled_back}
