"""A person asks to be forgotten: at once, or as soon as nothing of theirs is in the store and no cart is out.

What opens and what finds the person is destroyed beside the journal. Facts keep a random id and sealed bytes that
nobody can open or match any more; counts and money stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members.facts import ErasedBy, ErasureAsked, ErasureDropped, MemberErased
from edge.domain.members.queries import erasure_asked_ms, firm, holds, phones_of
from edge.domain.members.rules import ErasureResult
from edge.domain.members.sessions import finish
from edge.journal import Tx

AWAITED_MS: Final = 86_400_000
"""So long the number of somebody who never came is kept at least, after an order was put in for it."""


@asked_by(Proof.DEVICE)
def request_erasure(tx: Tx, *, caller: Caller, patient: bool, request: str) -> ErasureResult:
    """Erase the caller, with every other phone's person that is the same one.

    Where something of theirs is in the store it waits for that with `patient`, and is refused without: erase_waits.
    Refuses: not_registered, erase_waits.
    """
    family = firm(tx, caller.member, tx.now)
    if not family:
        raise tx.refuse("not_registered")
    return _ask(tx, family, patient=patient, by="member", request=request)


@asked_by(Proof.DEVICE)
def withdraw_request(tx: Tx, *, caller: Caller, request: str) -> bool:
    """Stay after all. False where nothing was asked."""
    family = firm(tx, caller.member, tx.now)
    asked = [row["member"] for row in tx.all("SELECT member FROM erasures_asked") if row["member"] in family]
    for member in asked:
        tx.emit(ErasureDropped(member=member, request=request))
    return bool(asked)


@asked_by("store")
def request_erasure_for(tx: Tx, *, members: Sequence[str], patient: bool, request: str) -> ErasureResult:
    """Erase persons on behalf of one who asked whoever runs the box. Refuses: customer_unknown, erase_waits."""
    family = sorted({person for member in members for person in firm(tx, member, tx.now)})
    if not family:
        raise tx.refuse("customer_unknown")
    return _ask(tx, family, patient=patient, by="operator", request=request)


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """Erase those who asked, and those whose number alone an order was kept for, once nothing of theirs is there."""
    for row in tx.all("SELECT * FROM erasures_asked"):
        family = firm(tx, row["member"], tx.now)
        if family and not holds(tx, family):
            _erase(tx, family, by=row["by"], request=row["request"])
    for row in tx.all("SELECT member FROM awaited WHERE at_ms<=? ORDER BY at_ms, member", tx.now - AWAITED_MS):
        if not holds(tx, [row["member"]]):
            _erase(tx, [row["member"]], by="time", request="")


@asked_by("store")
def repeat_erasures(tx: Tx, listed: Iterable[str]) -> int:
    """After a restore: erase once more whoever is on the list and in this journal. Returns how many."""
    back = [member for member in listed if _is_back(tx, member)]
    _erase(tx, back, by="list", request="")
    return len(back)


def _ask(tx: Tx, family: Sequence[str], *, patient: bool, by: ErasedBy, request: str) -> ErasureResult:
    held = holds(tx, family)
    if not held:
        _erase(tx, family, by=by, request=request)
        return ErasureResult(tuple(family))
    if not patient:
        raise tx.refuse("erase_waits", count=len(held))
    if erasure_asked_ms(tx, family) is None:
        tx.emit(ErasureAsked(member=family[0], by=by, request=request))
    return ErasureResult((), held)


def _erase(tx: Tx, family: Sequence[str], *, by: ErasedBy, request: str) -> None:
    for member in family:
        for phone in phones_of(tx, member):
            finish(tx, phone, "erased")
        tx.destroy_person(member)  # with the card, other names and birthday
        tx.emit(MemberErased(member=member, by=by, request=request))


def _is_back(tx: Tx, member: str) -> bool:
    """Whether something of an erased person is there again."""
    return any(
        tx.one(f"SELECT 1 FROM {table} WHERE {column}=?", member)  # noqa: S608 - the names below
        for table, column in (("person_keys", "subject"), ("person_numbers", "subject"), ("members", "member"))
    )
