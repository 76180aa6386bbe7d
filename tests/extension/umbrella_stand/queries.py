"""Questions to the tables of the umbrellas."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from edge.domain.actuations import GrantProgress
from edge.domain.needs import WHEN_FREE, Need
from edge.domain.noun import Metric
from edge.journal import Reads
from umbrella_stand.facts import UmbrellaRules


class Stand(msgspec.Struct, frozen=True):
    """A stand, and how many umbrellas can be had there."""

    stand: str
    free: int


class Loan(msgspec.Struct, frozen=True):
    """An umbrella that a member has."""

    stand: str
    door: str
    state: str


def rules(reads: Reads) -> UmbrellaRules:
    """What the store agrees on."""
    row = reads.one("SELECT rules FROM umbrella_rules")
    return msgspec.json.decode(row["rules"], type=UmbrellaRules) if row else UmbrellaRules()


def free(reads: Reads, stand: str) -> list[str]:
    """The places of a stand whose umbrella can be had."""
    rows = reads.all(
        "SELECT door FROM umbrella_places p WHERE stand=? AND there AND NOT EXISTS (SELECT 1 FROM umbrella_loans l"
        " WHERE l.stand=p.stand AND l.door=p.door AND l.state IN ('granted', 'unlocked') AND l.back_ms IS NULL)"
        " ORDER BY door",
        stand,
    )
    return [row["door"] for row in rows]


def stands(reads: Reads) -> list[Stand]:
    """Every stand."""
    rows = reads.all("SELECT DISTINCT stand FROM umbrella_places ORDER BY stand")
    return [Stand(row["stand"], len(free(reads, row["stand"]))) for row in rows]


def loan_of(reads: Reads, member: str) -> Loan | None:
    """What this member has, or is about to get."""
    row = reads.one(
        "SELECT stand, door, state FROM umbrella_loans WHERE member=? AND state IN ('granted', 'unlocked')"
        " AND back_ms IS NULL",
        member,
    )
    return Loan(**row) if row else None


def progress(reads: Reads, grant: str) -> GrantProgress | None:
    """How far a loan has come."""
    row = reads.one("SELECT * FROM umbrella_loans WHERE grant_id=?", grant)
    if row is None:
        return None
    stage = {"granted": "asked", "lapsed": "failed"}.get(row["state"], "back" if row["back_ms"] else row["state"])
    return GrantProgress(
        grant=grant,
        device=row["stand"],
        holder=row["member"],
        stage=stage,
        hop=row["hop"],
        reason=row["reason"],
        ended_ms=row["ended_ms"],
        over_ms=row["back_ms"],
    )


def needs(reads: Reads, now: int) -> list[Need]:
    """Umbrellas that are out for too long."""
    late = now - rules(reads).out_ms
    rows = reads.all(
        "SELECT * FROM umbrella_loans WHERE state='unlocked' AND back_ms IS NULL AND ended_ms<? ORDER BY ended_ms", late
    )
    return [
        Need(f"umbrella/{row['grant_id']}", WHEN_FREE, row["stand"], "umbrella_overdue", row["ended_ms"],
             {"door": row["door"]})
        for row in rows
    ]  # fmt: skip


def metrics(reads: Reads) -> Iterable[Metric]:
    """How many umbrellas are where."""
    row = reads.one("SELECT count(*) AS n FROM umbrella_loans WHERE state='unlocked' AND back_ms IS NULL")
    at_home = float(sum(stand.free for stand in stands(reads)))
    samples: dict[tuple[str, ...], float] = {("free",): at_home, ("out",): float(row["n"] if row else 0)}
    yield Metric("storekeeper_umbrellas", "Umbrellas by where they are", samples, labels=("where",))
