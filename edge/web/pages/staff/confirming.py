"""Staff confirm that a new phone is a member's: by a parcel slip, a member card, or the old phone in hand."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, get_args

import msgspec

from edge.domain.lockers import queries as locker_queries
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import Evidence
from edge.domain.members.rules import UNDO_MS
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.journal import queries as journal_queries
from edge.web.pages.staff.action_request import Confirming

if TYPE_CHECKING:
    from edge.web.web import Web

CONFIRM: Final = "confirm_member"


class Confirmed(msgspec.Struct, frozen=True):
    """What was confirmed and can be taken back still."""

    link: str
    name: str
    evidence: str
    member: str
    at_ms: int


def confirming(web: Web, code: str, evidence: str, proof: str) -> Confirming:
    """What a form says, made sure of: the new phone by the code that it shows, the owner by what they have.

    Raises `Refusal`: bad_request, code_unknown, code_expired, evidence_wrong. The codes stay good until it is decided.
    """
    kinds: tuple[Evidence, ...] = get_args(Evidence)
    kind = next((each for each in kinds if each == evidence), None)
    if kind is None:
        raise Refusal("bad_request", field="evidence", expected=" or ".join(kinds))
    new = web.linking.whose(code)
    by_phone = partial(_by_phone, new=new.session)
    by: dict[Evidence, Callable[[Web, str], str | None]]
    by = {"parcel_slip": _by_slip, "member_card": _by_card, "old_phone": by_phone}
    owner = by[kind](web, proof)
    if owner is None:
        raise Refusal("evidence_wrong")
    return Confirming(new.session, owner, kind, web.settings.members.staff_confirms)


def use_up(web: Web, confirmed: Confirming, code: str, proof: str) -> None:
    """What was confirmed by these is: nobody is let in by them once more."""
    web.linking.use_up(code)
    if confirmed.evidence == "old_phone":
        web.linking.use_up(proof)


def recent(web: Web) -> list[Confirmed]:
    """What a manager may take back."""
    return [
        Confirmed(link.link, link.named, link.evidence, link.member[-6:], link.at_ms)
        for link in member_queries.confirmed_links(web.reads, web.reads.now - UNDO_MS)
    ]


def _by_slip(web: Web, proof: str) -> str | None:
    """The owner of the one parcel in the store with these six digits."""
    six = typed_text.digits(proof)
    found = [
        parcel.member
        for parcel in locker_queries.parcels_kept(web.reads)
        if hmac.compare_digest(web.codes.digits(parcel.seed).encode(), six.encode())
    ]
    return found[0] if len(found) == 1 else None


def _by_card(web: Web, proof: str) -> str | None:
    return journal_queries.person_with_card(web.reads, web.vault.card_index(proof))


def _by_phone(web: Web, proof: str, new: str) -> str | None:
    """The member of the phone that shows this code; the new phone's own, and that of one logged out, say nothing."""
    try:
        old = web.linking.whose(proof)
    except Refusal:
        return None
    return old.member if old.session != new and web.sessions.caller(old.session) else None
