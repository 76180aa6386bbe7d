"""What happens to slips: every fact."""

from __future__ import annotations

from typing import Any, Literal

from edge.domain.endings import Hop
from edge.journal.entry import Fact

Doubt = Literal["copy", "ask"]
"""Who decides when a printer cannot say whether it printed: the rule (print again, marked COPY), or a person."""


class JobOrdered(Fact, frozen=True, tag="printing.job_ordered.v1"):
    """A slip is wanted on paper."""

    job: str
    revision: int
    slip: str
    language: str
    values: dict[str, Any]
    """What fills the template: numbers and words, no layout."""
    printer: str
    expires_ms: int | None
    """Unix milliseconds after which it is no longer begun."""
    by: str


class AttemptBegun(Fact, frozen=True, tag="printing.attempt_begun.v1"):
    """A printer is told to print. This entry's id is the command's id."""

    job: str
    revision: int
    printer: str
    number: int
    """1 for the first print; a copy counts what is on paper before it, or may be."""
    copy: bool
    fence: int


class JobPrinted(Fact, frozen=True, tag="printing.printed.v1"):
    """The printer, or a person who looked, says that it is on paper."""

    job: str
    revision: int
    attempt: str
    printer: str
    copy: bool


class JobHeld(Fact, frozen=True, tag="printing.held.v1"):
    """It waits until its printer's hindrance is gone."""

    job: str
    revision: int
    printer: str
    reason: str


class JobMoved(Fact, frozen=True, tag="printing.moved.v1"):
    """The zone's other printer takes it over."""

    job: str
    revision: int
    printer: str
    """The one that has it now."""
    instead_of: str
    reason: str


class AttemptFailed(Fact, frozen=True, tag="printing.failed.v1"):
    """The printer says that it is not on paper. `final` where waiting cures nothing: the slip itself is wrong."""

    job: str
    revision: int
    attempt: str
    printer: str
    reason: str
    hop: Hop
    final: bool


class AttemptUnanswered(Fact, frozen=True, tag="printing.unanswered.v1"):
    """The printer was asked and said nothing; it is asked again under the same id."""

    job: str
    revision: int
    attempt: str
    printer: str


class AttemptDoubtful(Fact, frozen=True, tag="printing.doubtful.v1"):
    """Nobody can say whether it is on paper. `ruling`: the next print is marked COPY, or a person is asked."""

    job: str
    revision: int
    attempt: str
    printer: str
    reason: str
    ruling: Doubt


class DoubtSettled(Fact, frozen=True, tag="printing.doubt_settled.v1"):
    """A person decided about a doubtful slip: print a copy, it is there, or nobody wants it."""

    job: str
    revision: int
    verdict: Literal["copy", "printed", "drop"]
    expires_ms: int | None
    by: str


class JobExpired(Fact, frozen=True, tag="printing.expired.v1"):
    """It could not be begun while it was wanted, and is printed only if somebody asks for it."""

    job: str
    revision: int
    printer: str


class JobDropped(Fact, frozen=True, tag="printing.dropped.v1"):
    """Somebody decided that nobody wants it."""

    job: str
    revision: int
    by: str


class ReprintAsked(Fact, frozen=True, tag="printing.reprint_asked.v1"):
    """Somebody wants it once more."""

    job: str
    revision: int
    printer: str
    copy: bool
    """Whether it was on paper before, or may have been."""
    expires_ms: int | None
    by: str
