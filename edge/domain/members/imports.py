"""Members of before, taken over from a list: unproven persons, whose number, once somebody proves it, is theirs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import asked_by
from edge.domain.members import families, numbers
from edge.domain.members.families import MembersLinked
from edge.domain.members.members import SealedPhone
from edge.domain.members.numbers import MemberImported
from edge.journal import Tx


class Newcomer(msgspec.Struct, frozen=True):
    """One line of the list."""

    phone: SealedPhone
    points: int = 0
    card: str = ""
    """Keyed blind index of the card's number; empty where there is none."""


@asked_by("store")
def take_in(tx: Tx, *, people: Sequence[Newcomer], source: str, proof_ms: int) -> int:
    """Make a person of each line whose number and card are on no list yet. Returns how many.

    Who has proven that number already is that person from now on.
    """
    taken, known = 0, set[str]()
    for each in people:
        marks = {each.phone.index, each.card} - {""}
        if marks & known or _listed(tx, each):
            continue
        known |= marks
        taken += 1
        tx.keep_key(each.phone.member, each.phone.wrapped_key)
        tx.keep_number(each.phone.member, each.phone.index)
        if each.card:
            tx.keep_card(each.phone.member, each.card)
        tx.emit(
            MemberImported(
                member=each.phone.member,
                phone_sealed=each.phone.sealed,
                card=bool(each.card),
                points=each.points,
                source=source,
            )
        )
        owner = numbers.owner_of(tx, each.phone.index, tx.now, proof_ms)
        if owner is not None and len(families.family(tx, owner)) < families.MOST:
            tx.emit(MembersLinked(member=owner, kin=each.phone.member, how="number"))
    return taken


def _listed(tx: Tx, each: Newcomer) -> bool:
    by_number = tx.one(
        "SELECT 1 FROM person_numbers p JOIN imported i ON i.member=p.subject WHERE p.number=?", each.phone.index
    )
    return by_number is not None or (
        bool(each.card) and tx.one("SELECT 1 FROM person_cards WHERE card=?", each.card) is not None
    )
