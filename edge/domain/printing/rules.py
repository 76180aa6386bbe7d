"""How each kind of slip is treated: how long it is wanted, and what happens when a printer cannot say if it printed."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

from edge.domain.printing.facts import Doubt

MINUTE: Final = 60_000


class SlipRule(msgspec.Struct, frozen=True):
    """What holds for one kind of slip."""

    expires_ms: int | None
    """How long after it was ordered a slip that has not begun to print is still wanted; None is for ever."""
    doubt: Doubt
    failover: bool
    """Whether the zone's other printer may take it over."""


RULES: Final[dict[str, SlipRule]] = {
    "locker": SlipRule(expires_ms=10 * MINUTE, doubt="copy", failover=True),
    # A coupon is worth money: a second one, even marked, is given out by a person alone.
    "coupon": SlipRule(expires_ms=10 * MINUTE, doubt="ask", failover=True),
    # Whoever asked for it stands before a screen now.
    "way": SlipRule(expires_ms=2 * MINUTE, doubt="copy", failover=False),
    # A phone saves it once, however often it is on paper.
    "claim": SlipRule(expires_ms=10 * MINUTE, doubt="copy", failover=True),
    "order": SlipRule(expires_ms=30 * MINUTE, doubt="copy", failover=True),
    "receipt": SlipRule(expires_ms=4 * 60 * MINUTE, doubt="copy", failover=True),
    "sale": SlipRule(expires_ms=4 * 60 * MINUTE, doubt="copy", failover=True),
    "closing": SlipRule(expires_ms=None, doubt="copy", failover=False),
    # A test answers whether this printer prints, now.
    "test": SlipRule(expires_ms=2 * MINUTE, doubt="copy", failover=False),
}
"""By slip: the name of its template, and its class."""

FAILOVER_MS: Final = 3_000
"""How long a printer may be hindered before the zone's other printer takes over what waits."""
TRY_ANYWAY_MS: Final = 60_000
"""How soon a printer that says paper out or cover open is tried all the same: its word is advice, it may be stuck."""
LOST_MS: Final = 20_000
"""How long a printer that went offline in the middle of a slip may take to come back and say how it ended."""
STUCK_MS: Final = 120_000
"""How long a printer that is online may leave a slip unanswered; long slips on slow printers take most of a minute."""
SLOWEST_RETRY_MS: Final = 30_000

FINAL: Final = frozenset({"bad_args", "bad_document"})
"""Reasons that no waiting will cure: the slip itself is wrong."""


def retry_after(misses: int) -> int:
    """Milliseconds until a job is tried again, after so many failures in a row."""
    return min(SLOWEST_RETRY_MS, 1000 << min(misses, 5))


def try_anyway_after(misses: int) -> int:
    """Milliseconds until a printer that says it cannot is tried all the same; twice as long after each vain try."""
    return TRY_ANYWAY_MS << min(misses, 4)


def waited(since_ms: int, now: int) -> int:
    """Milliseconds since then. A clock that was set back must not make anything wait for days: it is long ago."""
    return now - since_ms if now >= since_ms else STUCK_MS


OBSTACLES: Final = ("out_of_order", "offline", "no_response", "cover_open", "paper_out")
"""Why a printer does not print now, the strongest first."""


class Printer(msgspec.Struct, frozen=True):
    """A printer, and what it last said of itself."""

    device: str
    zone: str
    online: bool
    state: str
    """JSON; empty before it said anything."""
    changed_ms: int
    out: bool
    """Staff took it out of use."""
    waiting: int
    """How many slips wait for it."""


def obstacle(printer: Printer) -> str | None:
    """Why this printer would not print now, by what it last said of itself; none when it may be tried.

    What a printer does not know ("unknown") hinders nothing.
    """
    if printer.out:
        return "out_of_order"
    if not printer.online:
        return "offline"
    state = msgspec.json.decode(printer.state) if printer.state else {}
    if state.get("online") is False:
        return "no_response"
    if state.get("cover") == "open":
        return "cover_open"
    return "paper_out" if state.get("paper") == "out" else None


TILL: Final = "till:"
"""How the name of a till begins that orders a slip."""
OWN_JOBS: Final = ("parcel-", "coupon-", "closing-", "test-", "sale-", "way-")
"""How the names of the store's own slips begin."""
JOB_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
"""A job's id stands on the slip and in addresses."""
Verdict = Literal["copy", "printed", "drop"]
ENDS = frozenset({"printed", "failed", "expired", "dropped"})


class PrintJob(msgspec.Struct, frozen=True):
    """A slip that was ordered: one revision of a job, as its table has it."""

    job: str
    revision: int
    slip: str
    language: str
    vals: str
    """JSON: what fills the template."""
    printer: str
    state: str
    reason: str | None
    attempt: str | None
    reprint: int
    misses: int
    place: int
    ordered_ms: int
    since_ms: int
    retry_ms: int
    expires_ms: int | None
    by: str

    @property
    def values(self) -> dict[str, Any]:
        """What fills the template."""
        values: dict[str, Any] = msgspec.json.decode(self.vals)
        return values

    @property
    def summary(self) -> Job:
        """What whoever ordered it is told."""
        return Job(self.job, self.revision, self.printer, self.state)


class Job(msgspec.Struct, frozen=True):
    """What was ordered, and where it will come out."""

    job: str
    revision: int
    printer: str
    state: str


DAY_MS = 86_400_000
