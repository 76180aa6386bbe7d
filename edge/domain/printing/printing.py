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

An attempt that follows one which printed, or which nobody knows of, is a copy and says so on paper. `print_queue`
decides what a printer does next.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, Final, Literal

import msgspec

from edge.domain.callers import asked_by
from edge.domain.commands import Hop
from edge.domain.printing.rules import FINAL, RULES, Doubt, obstacle
from edge.domain.printing.tables import (
    ATTEMPT,
    JOB,
    AttemptBegun,
    AttemptDoubtful,
    AttemptFailed,
    AttemptUnanswered,
    DoubtSettled,
    JobDropped,
    JobExpired,
    JobHeld,
    JobMoved,
    JobOrdered,
    JobPrinted,
    ReprintAsked,
)
from edge.journal import Reads, Tx

__all__ = [
    "AttemptBegun",
    "AttemptDoubtful",
    "AttemptFailed",
    "AttemptUnanswered",
    "DoubtSettled",
    "Job",
    "JobDropped",
    "JobExpired",
    "JobHeld",
    "JobMoved",
    "JobOrdered",
    "JobPrinted",
    "ReprintAsked",
    "best",
    "drop",
    "order",
    "printers",
    "reprint",
    "settle",
    "settle_doubt",
]

TILL: Final = "till:"
"""How the name of a till begins that orders a slip."""
OWN_JOBS: Final = ("parcel-", "closing-", "test-")
"""How the names of the store's own slips begin."""
_JOB = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
"""A job's id stands on the slip and in addresses."""
Verdict = Literal["copy", "printed", "drop"]
ENDS = frozenset({"printed", "failed", "expired", "dropped"})


class Job(msgspec.Struct, frozen=True):
    """What was ordered, and where it will come out."""

    job: str
    revision: int
    printer: str
    state: str


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
    if not _JOB.match(job):
        raise tx.refuse("bad_request", field="job", expected=_JOB.pattern)
    if by.startswith(TILL):
        _refuse_foreign(tx, job, by)
    if slip not in RULES:
        raise tx.refuse("slip_unknown", slip=slip, expected=", ".join(sorted(RULES)))
    earlier = tx.one(JOB, job, revision)
    if earlier is not None:
        if (earlier["slip"], msgspec.json.decode(earlier["vals"])) != (slip, msgspec.to_builtins(values)):
            raise tx.refuse("job_differs", job=job, revision=revision)
        return _view(earlier)
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
    row = _newest(tx, job) if revision is None else tx.one(JOB, job, revision)
    if row is None:
        raise tx.refuse("job_unknown", job=job)
    if row["state"] not in ENDS:
        return _view(row)
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


_PRINTERS = """
SELECT d.device, d.zone, d.online, d.state, d.changed_ms, (o.device IS NOT NULL) AS out,
    (SELECT count(*) FROM print_jobs j WHERE j.printer=d.device AND j.state IN ('queued','held','printing')) AS waiting
FROM devices d LEFT JOIN out_of_order o ON o.device=d.device WHERE d.kind='printer'
"""


def printers(reads: Reads, device: str | None = None) -> list[sqlite3.Row]:
    """Every printer, or the one: device, zone, online, state, changed_ms, out, and how many slips wait for it."""
    if device is None:
        return reads.all(_PRINTERS + "ORDER BY d.device")
    return reads.all(_PRINTERS + "AND d.device=?", device)


def copies(reads: Reads, job: sqlite3.Row) -> int:
    """How often a job is on paper, or may be."""
    row = reads.one(
        "SELECT count(*) AS n FROM print_attempts WHERE job=? AND revision=? AND state IN ('printed','doubtful')",
        job["job"],
        job["revision"],
    )
    return int(row["n"]) if row else 0


def _choose(tx: Tx, printer: str | None, zone: str | None) -> str:
    chosen = best(tx, printer, zone)
    if chosen is None:
        raise tx.refuse("printer_unknown", printer=printer or "")
    return str(chosen["device"])


def best(reads: Reads, printer: str | None, zone: str | None) -> sqlite3.Row | None:
    """The printer that was named, or the best one: in the zone before elsewhere, ready, with least to do."""
    return min(
        printers(reads, printer),
        key=lambda row: (row["zone"] != zone, obstacle(row) is not None, row["waiting"], row["device"]),
        default=None,
    )


def _newest(tx: Tx, job: str) -> sqlite3.Row | None:
    return tx.one("SELECT * FROM print_jobs WHERE job=? ORDER BY revision DESC LIMIT 1", job)


def _view(row: sqlite3.Row) -> Job:
    return Job(row["job"], row["revision"], row["printer"], row["state"])
