"""What is asked of printing: which printers there are, what a day came to, and what staff must see."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from edge.domain.needs import LOOK, SOON, WHEN_FREE, Need
from edge.domain.noun import InUse
from edge.domain.printing.rules import DAY_MS, OBSTACLES, Printer, PrintJob, obstacle
from edge.journal import Reads

ATTEMPT = """
SELECT a.*, j.slip, j.expires_ms, j.state AS job_state
FROM print_attempts a JOIN print_jobs j ON j.job=a.job AND j.revision=a.revision WHERE a.attempt=?
"""

_PRINTERS = """
SELECT d.device, d.zone, d.online, d.state, d.changed_ms, (o.device IS NOT NULL) AS out,
    (SELECT count(*) FROM print_jobs j WHERE j.printer=d.device AND j.state IN ('queued','held'))
    + (SELECT count(*) FROM print_jobs j WHERE j.printer=d.device AND j.state='printing') AS waiting
FROM devices d LEFT JOIN out_of_order o ON o.device=d.device WHERE d.kind='printer'
"""


def printers(reads: Reads, device: str | None = None) -> list[Printer]:
    """Returns every printer, or the one."""
    if device is None:
        return [Printer(*row) for row in reads.all(_PRINTERS + "ORDER BY d.device")]
    return [Printer(*row) for row in reads.all(_PRINTERS + "AND d.device=?", device)]


def count_with_prefix(reads: Reads, start: str) -> int:
    """How many slips have names that begin so."""
    row = reads.one("SELECT count(*) AS n FROM print_jobs WHERE job >= ? AND job < ?", start, start + "~")
    return int(row["n"]) if row else 0


def copies(reads: Reads, job: PrintJob) -> int:
    """How often a job is on paper, or may be."""
    row = reads.one(
        "SELECT count(*) AS n FROM print_attempts WHERE job=? AND revision=? AND state IN ('printed','doubtful')",
        job.job,
        job.revision,
    )
    return int(row["n"]) if row else 0


def best_printer(reads: Reads, printer: str | None, zone: str | None) -> Printer | None:
    """The printer that was named, or the best one: in the zone before elsewhere, ready, with least to do."""
    return min(
        printers(reads, printer),
        key=lambda row: (row.zone != zone, obstacle(row) is not None, row.waiting, row.device),
        default=None,
    )


_JOB: Final = """
SELECT job, revision, slip, language, vals, printer, state, reason, attempt, reprint, misses, place, ordered_ms,
    since_ms, retry_ms, expires_ms, by FROM print_jobs """


def jobs(reads: Reads, where: str, *params: Any) -> list[PrintJob]:
    """Returns the slips that a condition of this noun chooses, in its order."""
    return [PrintJob(*row) for row in reads.all(_JOB + where, *params)]


def newest(reads: Reads, job: str) -> PrintJob | None:
    """Returns the newest revision of a job."""
    return next(iter(jobs(reads, "WHERE job=? ORDER BY revision DESC LIMIT 1", job)), None)


def revision_of(reads: Reads, job: str, revision: int) -> PrintJob | None:
    """Returns one revision of a job."""
    return next(iter(jobs(reads, "WHERE job=? AND revision=?", job, revision)), None)


def needs(reads: Reads, now: int) -> list[Need]:
    """What printing wants from a person."""
    return [
        *(need for row in printers(reads) if (need := _of_printer(row)) is not None),
        *map(_of_job, _for_people(reads, now)),
    ]


def _for_people(reads: Reads, now: int) -> list[PrintJob]:
    """Apart, as each has an index of its own."""
    late = jobs(reads, "WHERE state IN ('failed','expired') AND since_ms > ?", now - DAY_MS // 4)
    return sorted((*jobs(reads, "WHERE state='asked'"), *late), key=lambda row: row.since_ms)


def _of_printer(row: Printer) -> Need | None:
    why = obstacle(row)
    state = msgspec.json.decode(row.state) if row.state else {}
    if why is None and state.get("paper") == "low":
        why = "paper_low"
    if why is None or why == "out_of_order":  # that one is upkeep's to say
        return None
    urgency = LOOK if why == "paper_low" else SOON if row.waiting or why in OBSTACLES[3:] else WHEN_FREE
    return Need(
        id=f"printer/{row.device}/{why}",
        urgency=urgency,
        device=row.device,
        kind=f"printer_{why}",
        since_ms=row.changed_ms,
        details={"waiting": row.waiting},
        action="take_out" if why in ("offline", "no_response") else None,
    )


def _of_job(row: PrintJob) -> Need:
    asked = row.state == "asked"
    return Need(
        id=f"job/{row.job}/{row.revision}",
        urgency=SOON if asked else WHEN_FREE if row.state == "failed" else LOOK,
        device=row.printer,
        kind=f"print_{row.state}",
        since_ms=row.since_ms,
        details={
            "job": row.job,
            "revision": row.revision,
            "slip": row.slip,
            "reason": row.reason,
        },
        action="settle_doubt" if asked else "reprint",
    )


COUNTS: Final = {
    "members": "SELECT count(*) FROM members WHERE registered_ms BETWEEN ?1 AND ?2",
    "coupons": "SELECT count(*) FROM wallet WHERE claimed_ms BETWEEN ?1 AND ?2",
    "carts": "SELECT count(*) FROM grants WHERE granted_ms BETWEEN ?1 AND ?2 AND state='unlocked'",
    "carts_failed": "SELECT count(*) FROM grants WHERE granted_ms BETWEEN ?1 AND ?2 AND state IN ('failed', 'lapsed')",
    "carts_out": "SELECT count(*) FROM carts WHERE state='out' AND ?1<=?2",
    "parcels": "SELECT count(*) FROM parcels WHERE begun_ms BETWEEN ?1 AND ?2 AND state<>'cancelled'",
    "collected": "SELECT count(*) FROM parcels WHERE changed_ms BETWEEN ?1 AND ?2"
    " AND state IN ('emptied', 'collected')",
    "cleared": "SELECT count(*) FROM parcels WHERE changed_ms BETWEEN ?1 AND ?2 AND state='cleared'",
    "kept": "SELECT count(*) FROM doors WHERE parcel IS NOT NULL AND ?1<=?2",
    "doors_failed": "SELECT count(*) FROM openings WHERE granted_ms BETWEEN ?1 AND ?2"
    " AND state IN ('failed', 'lapsed')",
    "slips": "SELECT count(*) FROM print_attempts WHERE ended_ms BETWEEN ?1 AND ?2 AND state='printed'",
    "copies": "SELECT count(*) FROM print_attempts WHERE ended_ms BETWEEN ?1 AND ?2 AND state='printed' AND copy",
    "unprinted": "SELECT count(*) FROM print_jobs WHERE since_ms BETWEEN ?1 AND ?2 AND state IN ('failed', 'expired')",
    "receipts": "SELECT count(*) FROM print_jobs WHERE ordered_ms BETWEEN ?1 AND ?2 AND slip='receipt'"
    " AND state<>'dropped'",
    "acts": "SELECT count(*) FROM staff_acts WHERE at_ms BETWEEN ?1 AND ?2",
}
"""How often something happened between two moments, or is so now, by the name of its line."""

SUMS: Final = {
    "receipts_total": "SELECT total(json_extract(vals, '$.total')) FROM print_jobs"
    " WHERE ordered_ms BETWEEN ?1 AND ?2 AND slip='receipt' AND state<>'dropped'",
    "fees": "SELECT total(owed) FROM parcels WHERE changed_ms BETWEEN ?1 AND ?2",
}
"""Money in the currency's smallest unit."""


_EVER: Final = 1 << 62


class DaySums(msgspec.Struct, frozen=True):
    """What a day came to."""

    counts: dict[str, int]
    sums: dict[str, int]


def count(reads: Reads, from_ms: int, until_ms: int | None = None) -> DaySums:
    """The figures from that moment on, up to now or to the last moment that counts."""
    span = (from_ms, _EVER if until_ms is None else until_ms)
    return DaySums({name: _number(reads, sql, span) for name, sql in COUNTS.items()},
               {name: _number(reads, sql, span) for name, sql in SUMS.items()})  # fmt: skip


def _number(reads: Reads, sql: str, span: tuple[int, int]) -> int:
    row = reads.one(sql, *span)
    return int(row[0] or 0) if row else 0


def fence_of(reads: Reads, attempt: str, printer: str) -> int | None:
    """Returns the fence of an attempt at this printer; none where there is no such attempt."""
    row = reads.one("SELECT fence FROM print_attempts WHERE attempt=? AND printer=?", attempt, printer)
    return row["fence"] if row else None


def recent(reads: Reads, limit: int) -> list[PrintJob]:
    """Returns the slips whose state changed last, the latest first."""
    return jobs(reads, "ORDER BY since_ms DESC, place DESC LIMIT ?", limit)


def waiting_test(reads: Reads, printer: str) -> PrintJob | None:
    """Returns the test slip that this printer has still to print."""
    where = "WHERE printer=? AND slip='test' AND state IN ('queued','held','printing') LIMIT 1"
    return next(iter(jobs(reads, where, printer)), None)


def in_use(reads: Reads) -> list[InUse]:
    """The slips that are being printed now. What waits in the queue waits on."""
    rows = reads.all("SELECT job, begun_ms FROM print_attempts WHERE state='open' ORDER BY begun_ms")
    return [InUse("slip", row["job"], row["begun_ms"]) for row in rows]


def is_printer_near(reads: Reads, zone: str) -> bool:
    """Whether a printer of this zone prints now, by what it says of itself."""
    return any(each.zone == zone and obstacle(each) is None for each in printers(reads))
