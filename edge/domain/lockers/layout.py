"""How many doors the banks of the store have now."""

from __future__ import annotations

from edge.journal import Reads


def door_counts(reads: Reads) -> dict[str, int]:
    """By bank."""
    return {row["bank"]: row["count"] for row in reads.all("SELECT bank, count(*) AS count FROM doors GROUP BY bank")}
