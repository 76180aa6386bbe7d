"""Staff confirm that a new phone is a member's: by a parcel slip, a member card, or the old phone in hand."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final, get_args

import msgspec

from edge.domain.members import joining
from edge.domain.members.families import UNDO_MS, Evidence
from edge.errors import Refusal
from edge.web.front import now_ms
from edge.web.staff.actions import Confirming

if TYPE_CHECKING:
    from edge.web.front import Front

CONFIRM: Final = "confirm_member"


class Confirmed(msgspec.Struct, frozen=True):
    """What was confirmed and can be taken back still."""

    link: str
    name: str
    evidence: str
    member: str
    at_ms: int


def confirming(front: Front, code: str, evidence: str, proof: str) -> Confirming:
    """What a form says, made sure of: the new phone by the code that it shows, the owner by what they have.

    Raises `Refusal`: bad_request, code_unknown, code_expired, evidence_wrong. A code is used up by success alone.
    """
    kinds: tuple[Evidence, ...] = get_args(Evidence)
    kind = next((each for each in kinds if each == evidence), None)
    if kind is None:
        raise Refusal("bad_request", field="evidence", expected=" or ".join(kinds))
    new = front.gateway.linking.whose(code)
    owner = {"parcel_slip": _by_slip, "member_card": _by_card, "old_phone": _by_phone}[kind](front, proof)
    if owner is None:
        raise Refusal("evidence_wrong")
    front.gateway.linking.take(code)
    return Confirming(new.session, owner, kind, front.gateway.settings.members.staff_confirms)


def recent(front: Front) -> list[Confirmed]:
    """What a manager may take back."""
    return [
        Confirmed(row["link"], row["name"], row["evidence"], row["member"][-6:], row["at_ms"])
        for row in joining.confirmed(front.gateway.reads, now_ms() - UNDO_MS)
    ]


def _by_slip(front: Front, proof: str) -> str | None:
    """The owner of the one parcel in the store with these six digits."""
    entered = "".join(each for each in proof if each.isascii() and each.isdigit())
    rows = front.gateway.reads.all("SELECT p.member, p.seed FROM doors d JOIN parcels p ON p.parcel=d.parcel")
    found = [
        row["member"]
        for row in rows
        if hmac.compare_digest(front.gateway.codes.digits(row["seed"]).encode(), entered.encode())
    ]
    return str(found[0]) if len(found) == 1 else None


def _by_card(front: Front, proof: str) -> str | None:
    index = front.gateway.vault.card_index(proof)
    row = front.gateway.reads.one("SELECT subject FROM person_cards WHERE card=?", index)
    return str(row["subject"]) if row else None


def _by_phone(front: Front, proof: str) -> str | None:
    try:
        return front.gateway.linking.take(proof).member
    except Refusal:
        return None
