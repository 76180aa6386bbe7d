"""Printing: a slip from order to paper. No slip is lost, none comes out twice unmarked.

A job is a business id and a revision, journalled before anyone is told. One attempt is one command to one printer; the
command's id is the id of the fact that began it, and a device carries an id out at most once, so asking again under the
same id is always safe. The transitions of a job:

    (new) ─ ordered ─────────────▶ queued      queued, held ─ begun ─────▶ printing
    queued ─ held ───────────────▶ held        queued, held ─ expired ───▶ expired
    printing ─ printed ──────────▶ printed     printing ─ failed ────────▶ held, or failed where waiting cures nothing
    printing ─ doubtful, rule ───▶ queued      printing ─ doubtful, ask ─▶ asked
    asked ─ settled ─────────────▶ queued | printed | dropped
    queued, held ─ dropped ──────▶ dropped     any end ─ reprint asked ──▶ queued

An attempt that follows one which printed, or which nobody knows of, is a copy and says so on paper. `queue` decides
what a printer does next.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from edge.domain.callers import asked_by
from edge.domain.endings import Hop
from edge.domain.printing import ordering
from edge.domain.printing.facts import (
    AttemptDoubtful,
    AttemptFailed,
    AttemptUnanswered,
    Doubt,
    DoubtSettled,
    JobDropped,
    JobMoved,
    JobPrinted,
)
from edge.domain.printing.ordering import SlipOrder
from edge.domain.printing.queries import ATTEMPT, best_printer, printers, revision_of
from edge.domain.printing.rules import FINAL, RULES, Job, Verdict
from edge.journal import Tx


@asked_by("part")
def order(
    tx: Tx,
    *,
    job: str,
    slip: str,
    values: dict[str, Any],
    language: str = "zh-CN",
    revision: int = 1,
    printer: str | None = None,
    zone: str | None = None,
    by: str = "",
) -> Job:
    """Order a slip (`ordering.order`)."""
    wanted = SlipOrder(job, slip, values, language, revision, printer, zone, by)
    planned = ordering.order(tx, tx.now, wanted)
    if planned.fact is not None:
        tx.emit(planned.fact)
    return planned.job


@asked_by("staff")
def reprint(tx: Tx, *, job: str, by: str, revision: int | None = None, printer: str | None = None) -> Job:
    """Print a job again, because somebody asked for it (`ordering.reprint`)."""
    planned = ordering.reprint(tx, tx.now, job=job, by=by, revision=revision, printer=printer)
    if planned.fact is not None:
        tx.emit(planned.fact)
    return planned.job


@asked_by("machine")
def settle(tx: Tx, attempt: str, outcome: str, reason: str | None, hop: Hop) -> None:
    """Record how an attempt ended, in the device's word, or that no word came (`lapsed`)."""
    row = tx.one(ATTEMPT, attempt)
    if row is None or row["state"] not in ("open", "doubtful"):
        return
    name = {"job": row["job"], "revision": row["revision"], "attempt": attempt, "printer": row["printer"]}
    if outcome in ("done", "already"):
        tx.emit(JobPrinted(**name, copy=bool(row["copy"])))
    elif outcome == "lapsed":
        if reason != "broker_away":  # then it was not even asked, or will be asked again
            tx.emit(AttemptUnanswered(**name))
    elif outcome == "unknown":
        if row["state"] == "open" or row["reason"] == "no_reply":
            doubt(tx, row, reason or "unknown")
    else:
        why = reason or outcome
        tx.emit(AttemptFailed(**name, reason=why, hop=hop, final=why in FINAL))


@asked_by("part")
def doubt(tx: Tx, attempt: sqlite3.Row, reason: str) -> None:
    """Nobody can say whether this attempt is on paper: the slip's rule decides, or a person."""
    ruling: Doubt = RULES[attempt["slip"]].doubt
    tx.emit(
        AttemptDoubtful(
            job=attempt["job"],
            revision=attempt["revision"],
            attempt=attempt["attempt"],
            printer=attempt["printer"],
            reason=reason,
            ruling=ruling,
        )
    )


@asked_by("staff")
def settle_doubt(tx: Tx, *, job: str, revision: int, verdict: Verdict, by: str) -> bool:
    """A person looked: print a copy, it is there, or nobody wants it. False when the question was answered already.

    Refuses: job_unknown.
    """
    row = revision_of(tx, job, revision)
    if row is None:
        raise tx.refuse("job_unknown", job=job)
    if row.state != "asked":
        return False
    expires = RULES[row.slip].expires_ms
    tx.emit(
        DoubtSettled(
            job=job, revision=revision, verdict=verdict, expires_ms=tx.now + expires if expires else None, by=by
        )
    )
    if verdict == "copy" and not printers(tx, row.printer) and (other := best_printer(tx, None, None)) is not None:
        tx.emit(JobMoved(job=job, revision=revision, printer=other.device, instead_of=row.printer, reason="retired"))
    return True


@asked_by("staff")
def drop(tx: Tx, *, job: str, revision: int, by: str) -> bool:
    """Nobody wants this slip any more. False when it prints now or has ended. Refuses: job_unknown."""
    row = revision_of(tx, job, revision)
    if row is None:
        raise tx.refuse("job_unknown", job=job)
    if row.state not in ("queued", "held", "asked"):
        return False
    tx.emit(JobDropped(job=job, revision=revision, by=by))
    return True
