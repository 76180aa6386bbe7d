"""What staff do at a bank of lockers: open a door, put an order in, say what became of a parcel."""

from __future__ import annotations

from typing import Final

from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import slips as parcel_slips
from edge.domain.lockers import staff as locker_staff
from edge.domain.members import numbers
from edge.domain.orders import queries as order_queries
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.rules import Person
from edge.journal import Tx
from edge.web.pages.staff.action_request import Action, ActionRequest

PURPOSES: Final[dict[str, locker_staff.Purpose]] = {"clear": "clear", "hand_over": "hand_over"}
"""What a door is opened for, by the verdict of its form; without one, to look."""


def _open_door(tx: Tx, person: Person, asked: ActionRequest) -> str:
    bank, _, door = asked.target.partition("/")
    opening = locker_staff.staff_open(
        tx,
        bank=bank,
        door=door,
        staff=person.staff,
        purpose=PURPOSES.get(asked.verdict, "inspect"),
        reason=asked.reason,
        request=asked.request,
        shown=asked.shown,
    )
    return f"opening:{opening.id}"


def _fill(tx: Tx, person: Person, asked: ActionRequest) -> str:
    """Put an order into a locker: a door that fits opens, and once it is closed the customer has the code."""
    order = asked.order
    if order is None:
        raise tx.refuse("bad_request", field="size")
    if order.adviser and staff_queries.name_of(tx, order.adviser) is None:
        raise tx.refuse("bad_request", field="adviser", expected="somebody of the staff", found=order.adviser)
    owner, proven = numbers.recipient(tx, order.phone, staff=person.staff, proof_ms=order.proof_ms)
    opening = lockers.fill(
        tx,
        codes=order.codes,
        bank=asked.target,
        size=order.size,
        owner=owner,
        request=asked.request,
        filler=person.staff,
        order=order_queries.canonical_number(tx, order.number.strip()[:60]) or None,
        # Nobody sees it on a phone before the number is proven: the code goes out on paper.
        slip=asked.language if order.slip or not proven else None,
        adviser=order.adviser or None,
    )
    return f"opening:{opening.id}"


def _answer(tx: Tx, _person: Person, asked: ActionRequest) -> str:
    locker_staff.answer(tx, parcel=asked.target, inside=asked.verdict == "inside")
    return ""


def _vouch(tx: Tx, person: Person, asked: ActionRequest) -> str:
    bank, _, door = asked.target.partition("/")
    locker_staff.confirm_parcel(tx, bank=bank, door=door, staff=person.staff, reason=asked.reason, shown=asked.shown)
    return ""


def _parcel_slip(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job = parcel_slips.print_again(tx, parcel=asked.target, language=asked.language, staff=person.staff)
    return f"job:{job.job}/{job.revision}"


ACTIONS: Final[dict[str, Action]] = {
    "open_door": _open_door,
    "fill": _fill,
    "answer": _answer,
    "vouch": _vouch,
    "parcel_slip": _parcel_slip,
}
