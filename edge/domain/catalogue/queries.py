"""What is asked of the catalogue: which version is in force, and which were before it."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.journal import Reads


class VersionInForce(msgspec.Struct, frozen=True):
    """A version of the catalogue that was put into force."""

    version: str
    sha256: str
    """Of the version's file, hexadecimal."""
    count: int
    """Products in it."""
    by: str
    since_ms: int


NEWS_MS: Final = 7 * 24 * 3_600_000
"""Stock, and prices of other stores, of longer ago are not told: nobody would find them so."""
_VERSION: Final = "SELECT version, sha256, count, by, since_ms FROM catalogue_versions ORDER BY place DESC "


def in_force(reads: Reads) -> VersionInForce | None:
    """Returns the version in force; none before the first."""
    row = reads.one(_VERSION + "LIMIT 1")
    return VersionInForce(*row) if row else None


def recent(reads: Reads, now_ms: int) -> VersionInForce | None:
    """Returns the version in force where it is not too old for what it says of stock and of other stores."""
    found = in_force(reads)
    return found if found is not None and now_ms - found.since_ms <= NEWS_MS else None


def before(reads: Reads) -> VersionInForce | None:
    """Returns the version that a roll back leads to."""
    row = reads.one(_VERSION + "LIMIT 1 OFFSET 1")
    return VersionInForce(*row) if row else None


def history(reads: Reads) -> list[VersionInForce]:
    """Returns the versions that were in force, the latest first."""
    return [VersionInForce(*row) for row in reads.all(_VERSION)]
