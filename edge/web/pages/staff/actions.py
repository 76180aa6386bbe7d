"""What staff can do: each act is one decision, which brings about its facts and records who did it, in one commit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from edge.domain.baskets import holding
from edge.domain.box import decisions as box
from edge.domain.callers import asked_by
from edge.domain.carts import decisions as carts
from edge.domain.devices import decisions as devices
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import slips as parcel_slips
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.rules import Size
from edge.domain.members import joining, numbers
from edge.domain.members.facts import Evidence
from edge.domain.members.rules import SealedPhone
from edge.domain.orders import queries as order_queries
from edge.domain.orders import refunds
from edge.domain.payments import decisions as payments
from edge.domain.payments.rules import PaymentRules
from edge.domain.printing import closing
from edge.domain.printing import decisions as printing
from edge.domain.printing.queries import revision_of, waiting_test
from edge.domain.printing.rules import Verdict
from edge.domain.staff import calls
from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.rules import Person
from edge.domain.store.decisions import confirm_clock
from edge.domain.touchpoints.codes import Codes
from edge.journal import Tx
from words.languages import Words


class PickupOrder(msgspec.Struct, frozen=True):
    """What is put into a locker for a customer."""

    size: Size
    number: str
    """The order, in the shop's words."""
    phone: SealedPhone
    """The number of whoever collects it."""
    proof_ms: int
    """How long a proven number counts."""
    slip: bool = False
    """Whether the code is printed too."""
    adviser: str = ""
    """The member of staff who sold it; empty for nobody."""


class ClosingNotes(msgspec.Struct, frozen=True):
    """What a closing report says besides its figures."""

    day: str
    from_ms: int
    labels: dict[str, Words]
    left: list[Words]
    """What still wants a hand."""
    until_ms: int | None = None
    """Its last moment, where the day is over."""


class Confirming(msgspec.Struct, frozen=True):
    """Two phones that are one person's."""

    session: str
    """That of the phone that is to be let in."""
    owner: str
    """The member whose slip, card or phone it is."""
    evidence: Evidence
    most: int
    """How often a day one may confirm."""


class ActionRequest(msgspec.Struct, frozen=True):
    """One act as a form asks for it."""

    do: str
    target: str
    """A device, `bank/door`, a parcel, or `job/revision`."""
    request: str
    """Sent twice, it acts once."""
    shown: str = ""
    """The ride, the parcel or the last call that stood there, where the target is a cart, a door or a place."""
    reason: str = ""
    verdict: str = ""
    printer: str = ""
    language: str = "zh-CN"
    order: PickupOrder | None = None
    evening: ClosingNotes | None = None
    confirming: Confirming | None = None
    payments: PaymentRules = PaymentRules()


@asked_by("staff")
def act(tx: Tx, *, person: Person, asked: ActionRequest, codes: Codes) -> str:
    """Do it and record it. Returns what shows how it ends: a job, a command, or nothing. Raises `Refusal`."""
    action = asked.do if not asked.verdict else f"{asked.do}_{asked.verdict}"
    known = staff_queries.done_before(tx, asked.request, action, asked.target)
    if known is not None:
        return known.ref
    if asked.do not in ACTIONS and asked.do != "fill":
        raise tx.refuse("bad_request", field="do")
    if asked.verdict not in ANSWERS.get(asked.do, ("",)):
        raise tx.refuse("bad_request", field="verdict")
    if asked.do in REASONED and not asked.reason.strip():
        raise tx.refuse("reason_missing")
    if person.role != "manager" and (asked.do in MANAGERS or _doubles_money(tx, asked)):
        raise tx.refuse("manager_only")
    ref = _fill(tx, person, asked, codes) if asked.do == "fill" else ACTIONS[asked.do](tx, person, asked)
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


def _doubles_money(tx: Tx, asked: ActionRequest) -> bool:
    """Whether this would print once more what is worth money."""
    if asked.do not in ("reprint", "settle_doubt") or (asked.do == "settle_doubt" and asked.verdict != "copy"):
        return False
    job, revision = _job(tx, asked)
    slip = revision_of(tx, job, revision)
    return slip is not None and slip.slip == "coupon"


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


PURPOSES: Final[dict[str, locker_staff.Purpose]] = {"clear": "clear", "hand_over": "hand_over"}
"""What a door is opened for, by the verdict of its form; without one, to look."""


def _fill(tx: Tx, person: Person, asked: ActionRequest, codes: Codes) -> str:
    """Put an order into a locker: a door that fits opens, and once it is closed the customer has the code."""
    order = asked.order
    if order is None:
        raise tx.refuse("bad_request", field="size")
    if order.adviser and staff_queries.name_of(tx, order.adviser) is None:
        raise tx.refuse("bad_request", field="adviser", expected="somebody of the staff", found=order.adviser)
    owner, proven = numbers.recipient(tx, order.phone, staff=person.staff, proof_ms=order.proof_ms)
    opening = lockers.fill(
        tx,
        codes=codes,
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


def _closing(tx: Tx, person: Person, asked: ActionRequest) -> str:
    evening = asked.evening
    if evening is None:
        raise tx.refuse("bad_request", field="target")
    job = closing.report(
        tx,
        day=evening.day,
        from_ms=evening.from_ms,
        until_ms=evening.until_ms,
        labels=evening.labels,
        left=evening.left,
        language=asked.language,
        printer=asked.printer or None,
        by=person.staff,
    )
    return f"job:{job.job}/{job.revision}"


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


def _test_print(tx: Tx, person: Person, asked: ActionRequest) -> str:
    printer = device_queries.device(tx, asked.target)
    if printer is None or printer.kind != "printer":
        raise tx.refuse("printer_unknown", printer=asked.target)
    waiting = waiting_test(tx, asked.target)
    if waiting is not None:
        return f"job:{waiting.job}/{waiting.revision}"  # a second tap joins the first
    job = printing.order(
        tx,
        job=f"test-{asked.request[:8]}",
        slip="test",
        values={"printer": printer.label},
        printer=asked.target,
        language=asked.language,
        by=person.staff,
    )
    return f"job:{job.job}/{job.revision}"


def _reprint(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job, revision = _job(tx, asked)
    printing.reprint(tx, job=job, revision=revision, by=person.staff, printer=asked.printer or None)
    return f"job:{job}/{revision}"


def _settle_doubt(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job, revision = _job(tx, asked)
    verdict: Verdict
    match asked.verdict:
        case "copy" | "printed" | "drop" as verdict:
            printing.settle_doubt(tx, job=job, revision=revision, verdict=verdict, by=person.staff)
        case _:
            raise tx.refuse("bad_request", field="verdict")
    return f"job:{job}/{revision}"


def _drop(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job, revision = _job(tx, asked)
    printing.drop(tx, job=job, revision=revision, by=person.staff)
    return f"job:{job}/{revision}"


def _job(tx: Tx, asked: ActionRequest) -> tuple[str, int]:
    job, _, revision = asked.target.rpartition("/")
    if not job or not (revision.isascii() and revision.isdecimal() and len(revision) <= 4):
        raise tx.refuse("job_unknown", job=asked.target)
    return job, int(revision)


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


def _trust_payment(tx: Tx, person: Person, asked: ActionRequest) -> str:
    payments.trust(tx, payment=asked.target, staff=person.staff, reason=asked.reason, rules=asked.payments)
    return ""


def _end_payment(tx: Tx, person: Person, asked: ActionRequest) -> str:
    payments.end_doubt(tx, payment=asked.target, staff=person.staff)
    return ""


def _gave_back(tx: Tx, person: Person, asked: ActionRequest) -> str:
    payments.record_cash_refund(tx, payment=asked.target, by=f"staff/{person.staff}")
    return ""


def _gave_refund(tx: Tx, person: Person, asked: ActionRequest) -> str:
    refunds.record_cash_refund(tx, refund=asked.target, by=f"staff/{person.staff}")
    return ""


def _settle_refund(tx: Tx, person: Person, asked: ActionRequest) -> str:
    is_back = asked.verdict == "returned"
    looked_up = refunds.record_lookup if order_queries.refund(tx, asked.target) else payments.record_lookup
    looked_up(tx, refund=asked.target, is_back=is_back, by=f"staff/{person.staff}")
    return ""


ACTIONS: Final[dict[str, Callable[[Tx, Person, ActionRequest], str]]] = {
    "open_door": _open_door,
    "release_cart": _release_cart,
    "trust_payment": _trust_payment,
    "end_payment": _end_payment,
    "gave_back": _gave_back,
    "gave_refund": _gave_refund,
    "settle_refund": _settle_refund,
    "take_out": partial(_set_order, usable=False),
    "put_back": partial(_set_order, usable=True),
    "test_print": _test_print,
    "reprint": _reprint,
    "settle_doubt": _settle_doubt,
    "drop": _drop,
    "answer": _answer,
    "vouch": _vouch,
    "parcel_slip": _parcel_slip,
    "closing": _closing,
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
