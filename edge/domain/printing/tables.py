"""How each fact changes the tables of slips and attempts."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from edge.domain.printing.facts import (
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
from edge.domain.printing.rules import retry_after
from edge.journal import Applies, Entry, Rows, id_text

SCHEMA: Final = """
CREATE TABLE print_jobs (
    job TEXT, revision INTEGER, slip TEXT, language TEXT, vals TEXT, printer TEXT, state TEXT, reason TEXT,
    attempt TEXT, reprint INTEGER, misses INTEGER, place INTEGER, ordered_ms INTEGER, since_ms INTEGER,
    retry_ms INTEGER, expires_ms INTEGER, by TEXT, PRIMARY KEY (job, revision)) STRICT, WITHOUT ROWID;
CREATE INDEX live_jobs ON print_jobs (printer, place) WHERE state IN ('queued','held');
CREATE INDEX asked_jobs ON print_jobs (since_ms) WHERE state='asked';
CREATE INDEX jobs_at_work ON print_jobs (printer) WHERE state='printing';
CREATE INDEX recent_jobs ON print_jobs (since_ms);
CREATE TABLE print_attempts (
    attempt TEXT PRIMARY KEY, job TEXT, revision INTEGER, printer TEXT, number INTEGER, copy INTEGER, fence INTEGER,
    state TEXT, reason TEXT, begun_ms INTEGER, asked_ms INTEGER, ended_ms INTEGER,
    asks INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_of_job ON print_attempts (job, revision);
CREATE INDEX fences_of_printer ON print_attempts (printer, fence);
CREATE INDEX unsettled_attempts ON print_attempts (printer) WHERE state IN ('open','doubtful');
CREATE INDEX ended_attempts ON print_attempts (ended_ms) WHERE job NOT GLOB 'sale-*' AND job NOT GLOB 'parcel-*';
"""
"""A job's `retry_ms` is when it is tried again, `since_ms` when its state began, `reprint` whether somebody asked
for it after its end. An attempt is open, printed, failed or doubtful; `asked_ms` is when it last went unanswered."""

ENDS: Final = (
    "DELETE FROM print_jobs WHERE since_ms<=?1 AND state IN ('printed','failed','expired','dropped')",
    """DELETE FROM print_attempts WHERE ended_ms<=?1 AND job NOT GLOB 'sale-*' AND job NOT GLOB 'parcel-*'
        AND (job, revision) NOT IN (SELECT job, revision FROM print_jobs)
        AND fence<(SELECT max(fence) FROM print_attempts p WHERE p.printer=print_attempts.printer)""",
)
"""Slips that are over. Each printer's last fence stays, and that an order's or a parcel's slip was on paper: whoever
asks for that once more gets a copy."""


def _ordered(rows: Rows, entry: Entry, fact: JobOrdered) -> None:
    rows.run(
        "INSERT INTO print_jobs VALUES (?,?,?,?,?,?,'queued',NULL,NULL,0,0,?,?,?,?,?,?)",
        (
            fact.job,
            fact.revision,
            fact.slip,
            fact.language,
            msgspec.json.encode(fact.values).decode(),
            fact.printer,
            entry.sequence,
            entry.wall_ms,
            entry.wall_ms,
            entry.wall_ms,
            fact.expires_ms,
            fact.by,
        ),
    )


def _begun(rows: Rows, entry: Entry, fact: AttemptBegun) -> None:
    attempt = id_text(entry.id)
    rows.run(
        "INSERT INTO print_attempts VALUES (?,?,?,?,?,?,?,'open',NULL,?,NULL,NULL,0)",
        (attempt, fact.job, fact.revision, fact.printer, fact.number, fact.copy, fact.fence, entry.wall_ms),
    )
    _job(rows, fact, "state='printing', reason=NULL, attempt=?, since_ms=?", attempt, entry.wall_ms)


def _printed(rows: Rows, entry: Entry, fact: JobPrinted) -> None:
    rows.run(
        "UPDATE print_attempts SET state='printed', reason=NULL, ended_ms=? WHERE attempt=?",
        (entry.wall_ms, fact.attempt),
    )
    # A word that comes late ends the job too, unless a copy is under way, or somebody asked for one more.
    rows.run(
        "UPDATE print_jobs SET state='printed', reason=NULL, reprint=0, misses=0, since_ms=?1"
        " WHERE job=?2 AND revision=?3 AND (attempt=?4 AND state IN ('printing','asked','queued','held','expired'))"
        " AND (reprint=0 OR state IN ('printing','asked'))",
        (entry.wall_ms, fact.job, fact.revision, fact.attempt),
    )


def _held(rows: Rows, entry: Entry, fact: JobHeld) -> None:
    _job(
        rows,
        fact,
        "since_ms=iif(state='held', since_ms, ?), state='held', reason=?, retry_ms=?",
        entry.wall_ms,
        fact.reason,
        entry.wall_ms,
    )


def _moved(rows: Rows, entry: Entry, fact: JobMoved) -> None:
    _job(
        rows,
        fact,
        "printer=?, state='queued', reason=NULL, misses=0, since_ms=?, retry_ms=?",
        fact.printer,
        entry.wall_ms,
        entry.wall_ms,
    )


def _failed(rows: Rows, entry: Entry, fact: AttemptFailed) -> None:
    rows.run(
        "UPDATE print_attempts SET state='failed', reason=?, ended_ms=? WHERE attempt=?",
        (fact.reason, entry.wall_ms, fact.attempt),
    )
    row = rows.run(
        "SELECT misses FROM print_jobs WHERE job=? AND revision=? AND attempt=? AND state IN ('printing','asked')",
        (fact.job, fact.revision, fact.attempt),
    ).fetchone()
    if row is not None:
        _job(
            rows,
            fact,
            "state=?, reason=?, misses=misses+1, since_ms=?, retry_ms=?",
            "failed" if fact.final else "held",
            fact.reason,
            entry.wall_ms,
            entry.wall_ms + retry_after(row[0]),
        )


def _unanswered(rows: Rows, entry: Entry, fact: AttemptUnanswered) -> None:
    rows.run("UPDATE print_attempts SET asks=asks+1, asked_ms=? WHERE attempt=?", (entry.wall_ms, fact.attempt))


def _doubtful(rows: Rows, entry: Entry, fact: AttemptDoubtful) -> None:
    rows.run(
        "UPDATE print_attempts SET state='doubtful', reason=?, ended_ms=? WHERE attempt=?",
        (fact.reason, entry.wall_ms, fact.attempt),
    )
    rows.run(
        "UPDATE print_jobs SET state=?, reason=?, since_ms=?, retry_ms=?"
        " WHERE job=? AND revision=? AND attempt=? AND state='printing'",
        (
            "asked" if fact.ruling == "ask" else "queued",
            fact.reason,
            entry.wall_ms,
            entry.wall_ms,
            fact.job,
            fact.revision,
            fact.attempt,
        ),
    )


def _settled(rows: Rows, entry: Entry, fact: DoubtSettled) -> None:
    if fact.verdict == "printed":
        rows.run(
            "UPDATE print_attempts SET state='printed', ended_ms=? WHERE attempt="
            "(SELECT attempt FROM print_jobs WHERE job=? AND revision=?)",
            (entry.wall_ms, fact.job, fact.revision),
        )
    state = {"copy": "queued", "printed": "printed", "drop": "dropped"}[fact.verdict]
    _job(
        rows,
        fact,
        "state=?, reason=NULL, reprint=?, since_ms=?, retry_ms=?, expires_ms=?, place=?",
        state,
        fact.verdict == "copy",
        entry.wall_ms,
        entry.wall_ms,
        fact.expires_ms,
        entry.sequence,
    )


def _expired(rows: Rows, entry: Entry, fact: JobExpired) -> None:
    _job(rows, fact, "state='expired', reprint=0, since_ms=?", entry.wall_ms)


def _dropped(rows: Rows, entry: Entry, fact: JobDropped) -> None:
    _job(rows, fact, "state='dropped', reprint=0, since_ms=?", entry.wall_ms)


def _reprint_asked(rows: Rows, entry: Entry, fact: ReprintAsked) -> None:
    _job(
        rows,
        fact,
        "state='queued', reason=NULL, reprint=1, misses=0, printer=?, expires_ms=?, place=?, since_ms=?, retry_ms=?",
        fact.printer,
        fact.expires_ms,
        entry.sequence,
        entry.wall_ms,
        entry.wall_ms,
    )


def _job(rows: Rows, fact: Any, change: str, *values: object) -> None:
    rows.run(
        f"UPDATE print_jobs SET {change} WHERE job=? AND revision=?",  # noqa: S608 - the change stands in this file
        (*values, fact.job, fact.revision),
    )


APPLIES: Final[Applies] = {
    JobOrdered: _ordered,
    AttemptBegun: _begun,
    JobPrinted: _printed,
    JobHeld: _held,
    JobMoved: _moved,
    AttemptFailed: _failed,
    AttemptUnanswered: _unanswered,
    AttemptDoubtful: _doubtful,
    DoubtSettled: _settled,
    JobExpired: _expired,
    JobDropped: _dropped,
    ReprintAsked: _reprint_asked,
}
