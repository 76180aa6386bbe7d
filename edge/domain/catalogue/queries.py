"""What is asked of the catalogue: which version is in force."""

from __future__ import annotations

from typing import Any

from edge.journal import Reads


def in_force(reads: Reads) -> dict[str, Any] | None:
    """Row of the version in force: version, sha256, count, by, since_ms; none before the first."""
    row = reads.one("SELECT * FROM catalogue_versions ORDER BY place DESC LIMIT 1")
    return dict(row) if row else None


def before(reads: Reads) -> dict[str, Any] | None:
    """Row of the version that a roll back leads to."""
    row = reads.one("SELECT * FROM catalogue_versions ORDER BY place DESC LIMIT 1 OFFSET 1")
    return dict(row) if row else None
