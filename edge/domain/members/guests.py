"""Guests: a browser that uses a cart or a locker and tells nobody who it is. A random id, a session, no number.

What a guest deposits and takes is theirs by this browser, and by the code on its slip. Who registers later on the same
browser keeps it: both are one person then.
"""

from __future__ import annotations

from typing import Final

from edge.domain.callers import asked_by
from edge.domain.members import sessions
from edge.domain.members.members import Browser, Registration
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx


class GuestCame(Fact, frozen=True, tag="member.came_as_guest.v1"):
    """Somebody uses the store without a number."""

    member: str
    language: str
    touchpoint: str
    request: str


@asked_by("anyone")
def come(tx: Tx, *, member: str, language: str, touchpoint: str, request: str, browser: Browser) -> Registration:
    """Let a browser in as a guest; the same request from the same browser gets the same guest."""
    known = tx.one(
        "SELECT s.member, s.session FROM sessions s JOIN members m ON m.member=s.member"
        " WHERE s.browser=? AND m.request=? AND m.phone_sealed IS NULL",
        browser.name,
        request,
    )
    if known is not None:
        return Registration(known["member"], known["session"])
    tx.emit(GuestCame(member=member, language=language, touchpoint=touchpoint, request=request))
    sessions.begin(tx, member=member, session=browser.session, browser=browser.name, agent=browser.agent)
    return Registration(member, browser.session)


def is_guest(reads: Reads, member: str) -> bool:
    """Whether this person never gave a number."""
    return reads.one("SELECT 1 FROM members WHERE member=? AND phone_sealed IS NULL", member) is not None


def _came(rows: Rows, entry: Entry, fact: GuestCame) -> None:
    rows.run(
        "INSERT INTO members"
        " (member, language, service, marketing, touchpoint, request, acted, registered_ms, named_ms)"
        " VALUES (?1,?2,0,0,?3,?4,1,?5,?5)",
        (fact.member, fact.language, fact.touchpoint, fact.request, entry.wall_ms),
    )
    rows.run("INSERT INTO kin VALUES (?1,?1,0,NULL)", (fact.member,))


APPLIES: Final[Applies] = {GuestCame: _came}
