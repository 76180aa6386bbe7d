"""What ordering a slip comes to, as the fact to state: other nouns order slips within decisions of their own."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from edge.domain.printing.facts import JobOrdered, ReprintAsked
from edge.domain.printing.queries import best_printer, copies, newest, printers, revision_of
from edge.domain.printing.rules import ENDS, JOB_NAME, OWN_JOBS, RULES, TILL, Job
from edge.errors import Refusal
from edge.journal import Reads


class SlipOrder(msgspec.Struct, frozen=True):
    """A slip that is to be ordered. It comes out of `printer`, or of the best one in `zone`."""

    job: str
    slip: str
    values: dict[str, Any]
    """What fills the template that `slip` names (`edge.gateway.documents`)."""
    language: str = "zh-CN"
    revision: int = 1
    printer: str | None = None
    zone: str | None = None
    by: str = ""


class Planned(NamedTuple):
    """The slip as whoever ordered it is told, and the fact to state where it is new."""

    job: Job
    fact: JobOrdered | ReprintAsked | None


def order(reads: Reads, now: int, wanted: SlipOrder) -> Planned:
    """Returns what an order comes to.

    The same job and revision is ordered once, however often it is asked for; what a revision says never changes. It
    comes out of the printer that is named, or of the one in the zone that is ready and has least to do. What one till
    has named is no other's. Raises `Refusal`: bad_request, slip_unknown, printer_unknown, job_differs.
    """
    job, revision, slip = wanted.job, wanted.revision, wanted.slip
    if not JOB_NAME.match(job):
        raise Refusal("bad_request", field="job", expected=JOB_NAME.pattern)
    if wanted.by.startswith(TILL):
        _refuse_foreign(reads, job, wanted.by)
    if slip not in RULES:
        raise Refusal("slip_unknown", slip=slip, expected=", ".join(sorted(RULES)))
    earlier = revision_of(reads, job, revision)
    if earlier is not None:
        if (earlier.slip, earlier.values) != (slip, msgspec.to_builtins(wanted.values)):
            raise Refusal("job_differs", job=job, revision=revision)
        return Planned(earlier.summary, None)
    chosen = _choose(reads, wanted.printer, wanted.zone)
    fact = JobOrdered(
        job=job,
        revision=revision,
        slip=slip,
        language=wanted.language,
        values=wanted.values,
        printer=chosen,
        expires_ms=_expires(slip, now),
        by=wanted.by,
    )
    return Planned(Job(job, revision, chosen, "queued"), fact)


def reprint(
    reads: Reads, now: int, *, job: str, by: str, revision: int | None = None, printer: str | None = None
) -> Planned:
    """Returns what printing a job again comes to: marked COPY where it was printed before, or may have been.

    A job that still waits or prints is left alone: a second tap prints nothing twice. Raises `Refusal`: job_unknown,
    printer_unknown.
    """
    known = newest(reads, job) if revision is None else revision_of(reads, job, revision)
    if known is None:
        raise Refusal("job_unknown", job=job)
    if known.state not in ENDS:
        return Planned(known.summary, None)
    chosen = _choose(reads, printer, None) if printer else known.printer
    if not printers(reads, chosen):
        chosen = _choose(reads, None, None)
    fact = ReprintAsked(
        job=known.job,
        revision=known.revision,
        printer=chosen,
        copy=copies(reads, known) > 0,
        expires_ms=_expires(known.slip, now),
        by=by,
    )
    return Planned(Job(known.job, known.revision, chosen, "queued"), fact)


def _refuse_foreign(reads: Reads, job: str, till: str) -> None:
    """A name that the store itself gives, or another till has given, is not this till's."""
    if job.startswith(OWN_JOBS):
        raise Refusal("bad_request", field="job", expected=f"a name that does not begin with {' or '.join(OWN_JOBS)}")
    if reads.one("SELECT 1 FROM print_jobs WHERE job=? AND by<>? LIMIT 1", job, till) is not None:
        raise Refusal("job_differs", job=job)


def _choose(reads: Reads, printer: str | None, zone: str | None) -> str:
    chosen = best_printer(reads, printer, zone)
    if chosen is None:
        raise Refusal("printer_unknown", printer=printer or "")
    return chosen.device


def _expires(slip: str, now: int) -> int | None:
    expires = RULES[slip].expires_ms
    return now + expires if expires else None
