"""What staff can do: each act is one decision, which brings about its facts and records who did it, in one commit."""

from __future__ import annotations

from functools import partial
from typing import Final

from edge.domain.baskets import holding
from edge.domain.box import decisions as box
from edge.domain.callers import asked_by
from edge.domain.carts import decisions as carts
from edge.domain.devices import decisions as devices
from edge.domain.lockers import staff as locker_staff
from edge.domain.members import joining
from edge.domain.staff import calls
from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.rules import Person
from edge.domain.store.decisions import confirm_clock
from edge.journal import Tx
from edge.web.pages.staff import locker_actions, money_actions, print_actions
from edge.web.pages.staff.action_request import Action, ActionRequest


@asked_by("staff")
def act(tx: Tx, *, person: Person, asked: ActionRequest) -> str:
    """Do it and record it: once for each request. Returns what `Action` does."""
    action = asked.do if not asked.verdict else f"{asked.do}_{asked.verdict}"
    known = staff_queries.done_before(tx, asked.request, action, asked.target)
    if known is not None:
        return known.ref
    if asked.do not in ACTIONS:
        raise tx.refuse("bad_request", field="do")
    if asked.verdict not in ANSWERS.get(asked.do, ("",)):
        raise tx.refuse("bad_request", field="verdict")
    if asked.do in REASONED and not asked.reason.strip():
        raise tx.refuse("reason_missing")
    if person.role != "manager" and (asked.do in MANAGERS or print_actions.doubles_money(tx, asked)):
        raise tx.refuse("manager_only")
    ref = ACTIONS[asked.do](tx, person, asked)
    staff.record_act(
        tx,
        staff=person.staff,
        action=action,
        target=asked.target,
        request=asked.request,
        reason=asked.reason.strip()[:200],
        ref=ref,
    )
    return ref


ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "open_door": ("", "clear", "hand_over"),
    "answer": ("inside", "empty"),
    "settle_doubt": ("copy", "printed", "drop"),
    "settle_refund": ("returned", "absent"),
}
"""The verdicts that an act takes; the others take none. They stand in its record, which has words for each."""

REASONED: Final = frozenset({"open_door", "release_cart", "take_out", "trust_payment"})
"""Acts that ask why."""

MANAGERS: Final = frozenset({"take_back_member"})
"""Acts of managers only."""


def _confirm_member(tx: Tx, person: Person, asked: ActionRequest) -> str:
    wanted = asked.confirming
    if wanted is None:
        raise tx.refuse("bad_request", field="code")
    joining.confirm(
        tx, staff=person.staff, session=wanted.session, owner=wanted.owner, evidence=wanted.evidence, most=wanted.most
    )
    return ""


def _take_back_member(tx: Tx, person: Person, asked: ActionRequest) -> str:
    joining.take_back_by_staff(tx, link=asked.target, staff=person.staff)
    return ""


def _release_cart(tx: Tx, person: Person, asked: ActionRequest) -> str:
    carts.release(tx, cart=asked.target, staff=person.staff, reason=asked.reason, shown=asked.shown)
    return ""


def _set_order(tx: Tx, person: Person, asked: ActionRequest, *, usable: bool) -> str:
    bank, _, door = asked.target.partition("/")
    if door:
        locker_staff.set_usable(
            tx, bank=bank, door=door, staff=person.staff, reason=asked.reason.strip(), usable=usable
        )
    elif usable:
        devices.put_back(tx, device=asked.target, by=person.staff)
    else:
        devices.take_out(tx, device=asked.target, reason=asked.reason, by=person.staff)
    return ""


def _take_call(tx: Tx, person: Person, asked: ActionRequest) -> str:
    calls.take(tx, place=asked.target, staff=person.staff, name=person.name)
    return ""


def _end_call(tx: Tx, _person: Person, asked: ActionRequest) -> str:
    calls.end(tx, place=asked.target, shown=asked.shown)
    return ""


def _set_clock(tx: Tx, person: Person, _asked: ActionRequest) -> str:
    confirm_clock(tx, staff=person.staff)
    return ""


def _note_box(tx: Tx, person: Person, asked: ActionRequest) -> str:
    subject, _, about = asked.target.partition("/")
    box.acknowledge(tx, subject=subject, about=about, staff=person.staff)
    return ""


def _want_update(tx: Tx, person: Person, _asked: ActionRequest) -> str:
    box.request_update(tx, staff=person.staff)
    return ""


def _looked_at_age(tx: Tx, person: Person, asked: ActionRequest, *, enough: bool) -> str:
    basket, _, age = asked.target.rpartition("/")
    looked_for = int(age) if age.isascii() and age.isdecimal() else 0
    holding.confirm_age(tx, basket=basket, age=looked_for, staff=person.staff, enough=enough)
    return ""


ACTIONS: Final[dict[str, Action]] = {
    **locker_actions.ACTIONS,
    **money_actions.ACTIONS,
    **print_actions.ACTIONS,
    "release_cart": _release_cart,
    "take_out": partial(_set_order, usable=False),
    "put_back": partial(_set_order, usable=True),
    "take_call": _take_call,
    "end_call": _end_call,
    "age_enough": partial(_looked_at_age, enough=True),
    "age_short": partial(_looked_at_age, enough=False),
    "set_clock": _set_clock,
    "note_box": _note_box,
    "want_update": _want_update,
    "confirm_member": _confirm_member,
    "take_back_member": _take_back_member,
}
