"""Staff: who may act in the store, by PIN; what they did. A PIN's hash is a secret of the box and never a fact.

Operators, who look after the box by password, are people of the same kind with a role of their own. Wrong PINs make the
next try wait, longer each time (`edge.domain.staff.pin_tries`), and a restart does not make it shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.callers import asked_by
from edge.domain.staff.facts import (
    ANYWHERE,
    Role,
    StaffActed,
    StaffAppointed,
    StaffDismissed,
    StaffLoggedIn,
    StaffLoggedOut,
    StaffLoginFailed,
)
from edge.domain.staff.pin_tries import EVERYWHERE, HERE, Tries
from edge.domain.staff.queries import done_before, may_try, tries
from edge.domain.staff.rules import ROLES, LoginPlace, Person, StaffMember
from edge.journal import Tx


@asked_by("store")
def appoint(tx: Tx, people: Sequence[StaffMember], *, whole: frozenset[Role] = ROLES) -> None:
    """Take over who is staff; only what differs becomes a fact.

    Who is missing is dismissed where the list of their role is `whole`; another one's file may have been lost.
    """
    known = {row["staff"]: row for row in tx.all("SELECT staff, name, role, key FROM staff")}
    for person in people:
        row = known.pop(person.staff, None)
        if row is None or (row["name"], row["role"], row["key"]) != (person.name, person.role, person.key):
            tx.emit(StaffAppointed(staff=person.staff, name=person.name, role=person.role, key=person.key))
    for gone, row in known.items():
        if row["role"] in whole:
            tx.emit(StaffDismissed(staff=gone))


@asked_by("staff")
def log_in(tx: Tx, *, staff: str, key: str, session: str, place: LoginPlace, browser: str = "") -> Person:
    """Open a session for somebody whose PIN was right. Refuses: pin_wrong, pin_locked."""
    row = tx.one("SELECT * FROM staff WHERE staff=?", staff)
    if row is None or row["key"] != key:
        raise tx.refuse("pin_wrong")
    _not_locked(tx, staff, place)
    tx.emit(StaffLoggedIn(staff=staff, session=session, browser=browser))
    return Person(staff, row["name"], row["role"], session, key)


@asked_by("anyone")
def record_failed_login(tx: Tx, *, staff: str, place: LoginPlace) -> int:
    """Record a wrong PIN. Returns how many milliseconds the next try has to wait. Refuses: pin_wrong, pin_locked."""
    if tx.one("SELECT 1 FROM staff WHERE staff=?", staff) is None:
        raise tx.refuse("pin_wrong")
    _not_locked(tx, staff, place)
    here = tries(tx, staff, place.key).failed(tx.now, HERE)
    everywhere = Tries() if place.known else tries(tx, staff, ANYWHERE).failed(tx.now, EVERYWHERE)
    tx.emit(
        StaffLoginFailed(
            staff=staff,
            failures=here.failures,
            delay_ms=here.delay_ms,
            place=place.key,
            all_failures=everywhere.failures,
            all_delay_ms=everywhere.delay_ms,
        )
    )
    return max(here.delay_ms, everywhere.delay_ms)


def _not_locked(tx: Tx, staff: str, place: LoginPlace) -> None:
    left = may_try(tx, staff, place, tx.now)
    if left:
        raise tx.refuse("pin_locked", seconds=-(-left // 1000))


@asked_by("staff")
def log_out(tx: Tx, *, session: str) -> bool:
    """End a session. False where it had ended."""
    row = tx.one("SELECT staff FROM staff_sessions WHERE session=?", session)
    if row is None:
        return False
    tx.emit(StaffLoggedOut(staff=row["staff"], session=session))
    return True


@asked_by("staff")
def record_act(tx: Tx, *, staff: str, action: str, target: str, request: str, reason: str = "", ref: str = "") -> bool:
    """Record an act beside the facts that it brought about. False when this request was recorded before. Refuses
    bad_request where it was recorded for another act.
    """
    if done_before(tx, request, action, target) is not None:
        return False
    tx.emit(StaffActed(staff=staff, action=action, target=target, reason=reason, request=request, ref=ref))
    return True
