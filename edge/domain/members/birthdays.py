"""A member's birthday, month and day: kept beside the journal, where it is destroyed with the person.

It is named once and stays a year: an offer for the day is not had by naming another one each week.
"""

from __future__ import annotations

from typing import Final

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members.facts import BirthdayForgotten, BirthdayNamed
from edge.domain.members.queries import firm, session
from edge.domain.members.rules import FIRM, UNDO_MS
from edge.journal import Reads, Tx

STAYS_MS: Final = 365 * 86_400_000
DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Of each month; the 29th of February is kept, whatever the year."""


def subject(member: str) -> str:
    """Under what it is kept beside the journal."""
    return f"{member}/birthday"


def birthday(reads: Reads, member: str) -> str:
    """Returns month and day, `05-17`, of whoever is this person and named it last; empty where nobody did."""
    row = reads.one(
        "SELECT p.card FROM kin k JOIN birthdays b ON b.member=k.other JOIN person_cards p"  # noqa: S608
        f" ON p.subject=b.member||'/birthday' WHERE k.member=?1 AND {FIRM} AND b.there=1"
        " ORDER BY b.named_ms DESC LIMIT 1",
        *(member, reads.now - UNDO_MS),
    )
    return str(row["card"]) if row else ""


@asked_by(Proof.DEVICE)
def name(tx: Tx, *, caller: Caller, month: int, day: int) -> bool:
    """The caller says when their birthday is. False where that is known.

    Refuses: not_registered, bad_request for no day of a year, birthday_set where another was named within a year.
    """
    if session(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    if not (1 <= month <= len(DAYS) and 1 <= day <= DAYS[month - 1]):
        asked = {"field": "birthday", "expected": "a month and a day of it", "found": f"{month}-{day}"}
        raise tx.refuse("bad_request", reason="birthday", **asked)
    wanted = f"{month:02}-{day:02}"
    if birthday(tx, caller.member) == wanted:
        return False
    if _named_ms(tx, firm(tx, caller.member, tx.now)) > tx.now - STAYS_MS:
        raise tx.refuse("birthday_set")
    tx.keep_card(subject(caller.member), wanted)
    tx.emit(BirthdayNamed(member=caller.member, session=caller.session))
    return True


@asked_by(Proof.DEVICE)
def forget(tx: Tx, *, caller: Caller) -> bool:
    """The store shall not know it any more. False where it does not, or where it is that of somebody as whom staff let
    the caller in just now. When one was named stays known.
    """
    own = [member for member in firm(tx, caller.member, tx.now) if _is_there(tx, member)]
    for member in own:
        tx.destroy_person(subject(member))
        tx.emit(BirthdayForgotten(member=member))
    return bool(own)


def _is_there(tx: Tx, member: str) -> bool:
    return tx.one("SELECT 1 FROM birthdays WHERE member=? AND there=1", member) is not None


def _named_ms(tx: Tx, people: list[str]) -> int:
    rows = [tx.one("SELECT named_ms FROM birthdays WHERE member=?", member) for member in people]
    return max((row["named_ms"] for row in rows if row), default=-STAYS_MS)
