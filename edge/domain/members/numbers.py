"""Whose a phone number is: whoever proved it last, for a while. A number that was only typed belongs to nobody.

Persons that nobody ever acted for (imported, from before numbers were proven, or made for an order that staff put in)
wait for their number: whoever proves it is they.
"""

from __future__ import annotations

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.ledger import promoting
from edge.domain.members.facts import MemberAwaited, MembersLinked, NumberProven
from edge.domain.members.joining import link
from edge.domain.members.queries import owner_of, session, waiting_for
from edge.domain.members.rules import SealedPhone
from edge.journal import Tx


@asked_by(Proof.DEVICE)
def prove(tx: Tx, *, caller: Caller, index: str, proof_ms: int) -> bool:
    """A code that was sent to the caller's number came back: the number is the caller's. Returns whether somebody whom
    the store knew before is one with the caller now.

    Whoever proved the same number less than `proof_ms` ago is the same person; longer ago it may have been somebody
    else. Refuses: not_registered, bad_request, too_many_phones.
    """
    row = tx.one("SELECT number FROM person_numbers WHERE subject=?", caller.member)
    if row is None or session(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    if row["number"] != index:
        raise tx.refuse("bad_request", field="phone")
    tx.emit(NumberProven(member=caller.member, session=caller.session))
    same = waiting_for(tx, index, tx.now - proof_ms)
    owner = owner_of(tx, index, tx.now, proof_ms)
    joined = ([owner] if owner else []) + same
    for kin in joined:
        link(tx, MembersLinked(member=caller.member, kin=kin, how="number", session=caller.session))
    known = bool(tx.emitted[1:])
    for given in promoting.welcoming(tx, caller.member, tx.now, joined):
        tx.emit(given)
    return known


@asked_by("part")
def recipient(tx: Tx, sealed: SealedPhone, *, staff: str, proof_ms: int) -> tuple[str, bool]:
    """For whom staff put something in, by number: who has proven it; otherwise the person who waits for that number,
    who is made where nobody does. Returns whether the number is proven too.
    """
    owner = owner_of(tx, sealed.index, tx.now, proof_ms)
    if owner is not None:
        return owner, True
    waiting = waiting_for(tx, sealed.index, tx.now - proof_ms)
    if waiting:
        return waiting[0], False
    tx.keep_key(sealed.member, sealed.wrapped_key)
    tx.keep_number(sealed.member, sealed.index)
    fact = MemberAwaited(member=sealed.member, phone_sealed=sealed.sealed, staff=staff)
    tx.emit(fact)
    return sealed.member, False
