"""What staff do, and the calls to them: every fact."""

from __future__ import annotations

from typing import Final, Literal

from edge.journal.entry import Fact

Role = Literal["staff", "manager", "operator"]
ANYWHERE: Final = ""
"""Names the count of a person's wrong tries at all strange places together."""


class StaffAppointed(Fact, frozen=True, tag="staff.appointed.v1"):
    """This person may act in the store."""

    staff: str
    name: str
    role: Role
    key: str
    """Names the PIN without telling it: another key ends the sessions that the old PIN opened."""


class StaffDismissed(Fact, frozen=True, tag="staff.dismissed.v1"):
    """This person may act in the store no more."""

    staff: str


class StaffLoggedIn(Fact, frozen=True, tag="staff.logged_in.v1"):
    """The PIN or the password was right."""

    staff: str
    session: str
    browser: str = ""
    """The browser's own name: from now on this person is known there."""


class StaffLoginFailed(Fact, frozen=True, tag="staff.login_failed.v1"):
    """The PIN was wrong."""

    staff: str
    failures: int
    """How many at this place count."""
    delay_ms: int
    """How long this person's next try there has to wait."""
    place: str = ANYWHERE
    """A browser that this person has used, or an address: keyed, so that it says nothing to others."""
    all_failures: int = 0
    """How many count at all strange places together; 0 where the browser is known."""
    all_delay_ms: int = 0


class StaffLoggedOut(Fact, frozen=True, tag="staff.logged_out.v1"):
    """The session ended."""

    staff: str
    session: str


class StaffActed(Fact, frozen=True, tag="staff.acted.v1"):
    """Somebody did something at the staff page: who, what, to what, and why where a reason was asked for."""

    staff: str
    action: str
    target: str
    reason: str
    request: str
    ref: str
    """The job or the command that shows how it ended; empty where the act was its own end."""


class StaffCalled(Fact, frozen=True, tag="staff.called.v1"):
    """A shopper at this place asks for somebody."""

    zone: str
    touchpoint: str
    """The code that was scanned last; empty where only the zone is known."""
    browser: str
    request: str


class StaffCallTaken(Fact, frozen=True, tag="staff.call_taken.v1"):
    """Somebody is on the way."""

    call: str
    staff: str
    name: str


class StaffCallOver(Fact, frozen=True, tag="staff.call_over.v1"):
    """Nobody waits there any more."""

    call: str
    by: Literal["staff", "shopper", "time"]
