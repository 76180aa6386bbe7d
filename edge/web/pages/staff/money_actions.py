"""What staff do about money: trust a payment, end one in doubt, note what was given back."""

from __future__ import annotations

from typing import Final

from edge.domain.orders import queries as order_queries
from edge.domain.orders import refunds
from edge.domain.payments import decisions as payments
from edge.domain.staff.rules import Person
from edge.journal import Tx
from edge.web.pages.staff.action_request import Action, ActionRequest


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


ACTIONS: Final[dict[str, Action]] = {
    "trust_payment": _trust_payment,
    "end_payment": _end_payment,
    "gave_back": _gave_back,
    "gave_refund": _gave_refund,
    "settle_refund": _settle_refund,
}
