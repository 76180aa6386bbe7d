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

import msgspec

from edge.domain.callers import asked_by
from edge.domain.endings import Hop
from edge.domain.printing.facts import (
    AttemptDoubtful,
    AttemptFailed,
    AttemptUnanswered,
    DoubtSettled,
    JobDropped,
    JobOrdered,
    JobPrinted,
    ReprintAsked,
)
from edge.domain.printing.queries import ATTEMPT, JOB, best, copies, job_of, newest, printers
from edge.domain.printing.rules import ENDS, FINAL, JOB_NAME, OWN_JOBS, RULES, TILL, Doubt, Job, Verdict
from edge.journal import Tx


def _refuse_foreign(tx: Tx, job: str, till: str) -> None:
    """A name that the store itself gives, or another till has given, is not this till's."""
    if job.startswith(OWN_JOBS):
        raise tx.refuse("bad_request", field="job", expected=f"a name that does not begin with {' or '.join(OWN_JOBS)}")
    if tx.one("SELECT 1 FROM print_jobs WHERE job=? AND by<>? LIMIT 1", job, till) is not None:
        raise tx.refuse("job_differs", job=job)


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
    """Order a slip: `values` fill the template that `slip` names (`edge.gateway.documents`).

    The same job and revision is ordered once, however often it is asked for; what a revision says never changes. It
    comes out of `printer`, or of the one in `zone` that is ready and has least to do. What one till has named is no
    other's. Refuses: slip_unknown, printer_unknown, job_differs.
    """
    if not JOB_NAME.match(job):
        raise tx.refuse("bad_request", field="job", expected=JOB_NAME.pattern)
    if by.startswith(TILL):
        _refuse_foreign(tx, job, by)
    if slip not in RULES:
        raise tx.refuse("slip_unknown", slip=slip, expected=", ".join(sorted(RULES)))
    earlier = tx.one(JOB, job, revision)
    if earlier is not None:
        if (earlier["slip"], msgspec.json.decode(earlier["vals"])) != (slip, msgspec.to_builtins(values)):
            raise tx.refuse("job_differs", job=job, revision=revision)
        return job_of(earlier)
    chosen = _choose(tx, printer, zone)
    expires = RULES[slip].expires_ms
    tx.emit(
        JobOrdered(
            job=job,
            revision=revision,
            slip=slip,
            language=language,
            values=values,
            printer=chosen,
            expires_ms=tx.now + expires if expires else None,
            by=by,
        )
    )
    return Job(job, revision, chosen, "queued")


@asked_by("staff")
def reprint(tx: Tx, *, job: str, by: str, revision: int | None = None, printer: str | None = None) -> Job:
    """Print a job again, because somebody asked for it: marked COPY where it was printed before, or may have been.

    A job that still waits or prints is left alone: a second tap prints nothing twice. Refuses: job_unknown,
    printer_unknown.
    """
    row = newest(tx, job) if revision is None else tx.one(JOB, job, revision)
    if row is None:
        raise tx.refuse("job_unknown", job=job)
    if row["state"] not in ENDS:
        return job_of(row)
    chosen = _choose(tx, printer, None) if printer else row["printer"]
    if printers(tx, chosen) == []:
        chosen = _choose(tx, None, None)
    expires = RULES[row["slip"]].expires_ms
    tx.emit(
        ReprintAsked(
            job=row["job"],
            revision=row["revision"],
            printer=chosen,
            copy=copies(tx, row) > 0,
            expires_ms=tx.now + expires if expires else None,
            by=by,
        )
    )
    return Job(row["job"], row["revision"], chosen, "queued")


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
    row = tx.one(JOB, job, revision)
    if row is None:
        raise tx.refuse("job_unknown", job=job)
    if row["state"] != "asked":
        return False
    expires = RULES[row["slip"]].expires_ms
    tx.emit(
        DoubtSettled(
            job=job, revision=revision, verdict=verdict, expires_ms=tx.now + expires if expires else None, by=by
        )
    )
    return True


@asked_by("staff")
def drop(tx: Tx, *, job: str, revision: int, by: str) -> bool:
    """Nobody wants this slip any more. False when it prints now or has ended. Refuses: job_unknown."""
    row = tx.one(JOB, job, revision)
    if row is None:
        raise tx.refuse("job_unknown", job=job)
    if row["state"] not in ("queued", "held", "asked"):
        return False
    tx.emit(JobDropped(job=job, revision=revision, by=by))
    return True


def _choose(tx: Tx, printer: str | None, zone: str | None) -> str:
    chosen = best(tx, printer, zone)
    if chosen is None:
        raise tx.refuse("printer_unknown", printer=printer or "")
    return str(chosen["device"])
