"""What a printer does next: one decision at a time, made from the tables, so that a crash forgets nothing."""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

import msgspec

from edge.domain.callers import asked_by
from edge.domain.printing.decisions import doubt
from edge.domain.printing.facts import AttemptBegun, JobExpired, JobHeld, JobMoved
from edge.domain.printing.queries import copies, jobs, printers
from edge.domain.printing.rules import (
    DAY_MS,
    FAILOVER_MS,
    LOST_MS,
    RULES,
    STUCK_MS,
    Printer,
    PrintJob,
    obstacle,
    try_anyway_after,
    waited,
)
from edge.journal import Tx, id_text

CAN_BE_TRIED = frozenset({"cover_open", "paper_out", "no_response"})
"""Hindrances that are a printer's own word, which may be out of date: now and then it is tried all the same."""


class Attempt(msgspec.Struct, frozen=True):
    """One command to one printer: everything that it takes to give it, or to ask about it again."""

    id: str
    job: str
    revision: int
    slip: str
    language: str
    values: dict[str, Any]
    printer: str
    number: int
    copy: bool
    fence: int
    ordered_ms: int


class PrintStep(msgspec.Struct, frozen=True):
    """What to do now: `tell` the printer about an attempt, look `again`, or `wait` so long, or until news."""

    what: Literal["tell", "again", "wait"]
    attempt: Attempt | None = None
    wait_ms: int | None = None
    """Not a moment: the store's time and the box's clock may be hours apart."""


AGAIN = PrintStep("again")


@asked_by("machine")
def advance(tx: Tx, *, printer: str) -> PrintStep:
    """The next step of one printer. One slip is under way at a time; what is unanswered comes before what is new."""
    found = printers(tx, printer)
    if not found:
        return PrintStep("wait")
    device = found[0]
    for attempt in tx.all(_UNSETTLED, printer):
        step = _pursue(tx, attempt, device)
        if step is not None:
            return step
    queue = jobs(tx, "WHERE printer=? AND state IN ('queued','held') ORDER BY place", printer)
    if _expire(tx, queue):
        return AGAIN
    if not queue:
        return PrintStep("wait")
    return _serve(tx, device, queue)


_UNSETTLED = """
SELECT a.*, j.slip, j.language, j.vals, j.expires_ms, j.ordered_ms, j.state AS job_state, j.reprint
FROM print_attempts a JOIN print_jobs j ON j.job=a.job AND j.revision=a.revision
WHERE a.printer=? AND (a.state='open' OR (a.state='doubtful' AND a.reason='no_reply' AND j.attempt=a.attempt))
ORDER BY a.fence
"""


def _pursue(tx: Tx, attempt: sqlite3.Row, device: Printer) -> PrintStep | None:
    """An attempt without an end: ask about it under its id, wait for its printer, or leave it in doubt."""
    if attempt["state"] == "doubtful":
        return PrintStep("tell", _attempt_of(attempt)) if _worth_asking(tx, attempt, device) else None
    if device.online:
        if attempt["asks"] and waited(attempt["begun_ms"], tx.now) >= STUCK_MS:
            doubt(tx, attempt, "no_reply")
            return AGAIN
        return PrintStep("tell", _attempt_of(attempt))
    since = waited(max(attempt["begun_ms"], device.changed_ms), tx.now)
    if since >= LOST_MS:
        doubt(tx, attempt, "no_reply")
        return AGAIN
    return PrintStep("wait", wait_ms=LOST_MS - since)


def _worth_asking(tx: Tx, attempt: sqlite3.Row, device: Printer) -> bool:
    """Whether a printer that was away in doubt can still clear it: it is back, and nothing was decided meanwhile.

    It either answers from its memory, or prints what it never heard of: both are what is wanted.
    """
    return (
        attempt["job_state"] in ("asked", "queued", "held")
        and not attempt["reprint"]
        and bool(device.online)
        and device.changed_ms > max(attempt["ended_ms"], attempt["asked_ms"] or 0)
        and (attempt["expires_ms"] is None or attempt["expires_ms"] > tx.now)
    )


def _expire(tx: Tx, queue: list[PrintJob]) -> bool:
    due = [row for row in queue if row.expires_ms is not None and row.expires_ms <= tx.now]
    for row in due:
        tx.emit(JobExpired(job=row.job, revision=row.revision, printer=row.printer))
    return bool(due)


def _serve(tx: Tx, device: Printer, queue: list[PrintJob]) -> PrintStep:
    """Begin the first slip, or hold it, or hand over what waits."""
    front = queue[0]
    hindrance = obstacle(device)
    if hindrance is not None and front.reason != hindrance:
        tx.emit(JobHeld(job=front.job, revision=front.revision, printer=device.device, reason=hindrance))
        return AGAIN
    pause = front.retry_ms - tx.now
    due = pause <= 0 or pause > DAY_MS  # far in the future: the clock was set back
    if hindrance is None and (due or front.state == "queued" or _news(front, device)):
        return _begin(tx, front, device)
    if hindrance in CAN_BE_TRIED and waited(front.since_ms, tx.now) >= try_anyway_after(front.misses):
        return _begin(tx, front, device)
    patience = FAILOVER_MS - waited(front.since_ms, tx.now)
    if patience <= 0 and _hand_over(tx, device, queue, hindrance or front.reason or "failed"):
        return AGAIN
    if hindrance is not None:
        pause = try_anyway_after(front.misses) - waited(front.since_ms, tx.now)
    return PrintStep("wait", wait_ms=_next_look(tx, queue, patience, pause))


def _news(job: PrintJob, device: Printer) -> bool:
    """Whether the printer said something new since the job was held: paper is in, the cover is shut."""
    return bool(device.changed_ms > job.since_ms)


def _next_look(tx: Tx, queue: list[PrintJob], patience: int, pause: int) -> int:
    ends = [row.expires_ms - tx.now for row in queue if row.expires_ms is not None]
    return max(20, min([wait for wait in (patience, pause, *ends) if wait > 0], default=FAILOVER_MS))


def _begin(tx: Tx, job: PrintJob, device: Printer) -> PrintStep:
    before = copies(tx, job)
    highest = tx.one("SELECT max(fence) AS fence FROM print_attempts WHERE printer=?", device.device)
    # Above every earlier one of this journal, and of a journal that was lost: seconds outlive both.
    fence = max(((highest["fence"] if highest else None) or 0) + 1, tx.fence_floor + tx.now // 1000)
    fact = AttemptBegun(
        job=job.job,
        revision=job.revision,
        printer=device.device,
        number=before + 1,
        copy=before > 0,
        fence=fence,
    )
    identity = tx.emit(fact)
    return PrintStep(
        "tell",
        Attempt(
            id=id_text(identity),
            job=fact.job,
            revision=fact.revision,
            slip=job.slip,
            language=job.language,
            values=job.values,
            printer=fact.printer,
            number=fact.number,
            copy=fact.copy,
            fence=fence,
            ordered_ms=job.ordered_ms,
        ),
    )


def _attempt_of(row: sqlite3.Row) -> Attempt:
    return Attempt(
        id=row["attempt"],
        job=row["job"],
        revision=row["revision"],
        slip=row["slip"],
        language=row["language"],
        values=msgspec.json.decode(row["vals"]),
        printer=row["printer"],
        number=row["number"],
        copy=bool(row["copy"]),
        fence=row["fence"],
        ordered_ms=row["ordered_ms"],
    )


def _hand_over(tx: Tx, device: Printer, queue: list[PrintJob], reason: str) -> bool:
    """Give what may come out elsewhere to the zone's other printer, if one is ready."""
    ready = [
        other
        for other in printers(tx)
        if other.device != device.device and other.zone == device.zone and obstacle(other) is None
    ]
    movable = [row for row in queue if RULES[row.slip].failover]
    if not ready or not movable:
        return False
    to = min(ready, key=lambda other: (other.waiting, other.device)).device
    for row in movable:
        tx.emit(JobMoved(job=row.job, revision=row.revision, printer=to, instead_of=device.device, reason=reason))
    return True


@asked_by("machine")
def reassign(tx: Tx) -> int:
    """At start: slips whose printer the store has no more go to another one. Returns how many found none."""
    gone = jobs(
        tx,
        "WHERE state IN ('queued','held','printing') AND NOT EXISTS"
        " (SELECT 1 FROM devices d WHERE d.device=printer AND d.kind='printer') ORDER BY place",
    )
    others = sorted(printers(tx), key=lambda row: (obstacle(row) is not None, row.waiting, row.device))
    for job in gone:
        if job.state == "printing":
            for attempt in tx.all(_UNSETTLED, job.printer):
                doubt(tx, attempt, "retired")
        elif others:
            tx.emit(
                JobMoved(
                    job=job.job,
                    revision=job.revision,
                    printer=others[0].device,
                    instead_of=job.printer,
                    reason="retired",
                )
            )
    return len(gone) if not others else 0
