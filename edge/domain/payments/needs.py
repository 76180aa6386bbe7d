"""What staff must see of payments: those that nobody knows of, goods never paid, money that found no way back."""

from __future__ import annotations

from typing import Final

from edge.domain.needs import NOW, SOON, Need
from edge.domain.payments import queries
from edge.domain.payments.rules import DAY_MS, ENDABLE, SILENT_MS, Payment, PortRefund
from edge.journal import Reads

PATIENCE_MS: Final = 30_000
"""A payment that nobody knows of for so long wants a person: somebody stands there with paid goods, or unpaid ones."""


def needs(reads: Reads, now: int) -> list[Need]:
    """Doubtful payments, wrong amounts, goods let go for nothing, and second payments: staff give back what found
    no way, and look up what its port says nothing of for days.
    """
    found = [
        _need(each, NOW, "payment_wrong" if each.reason == "wrong_amount" else "payment_unknown", _action(each, now))
        for each in queries.all_open(reads)
        if each.state == "unknown" and (now - each.changed_ms >= PATIENCE_MS or each.reason == "wrong_amount")
    ]
    found += [_need(each, SOON, "payment_lost", "end_payment") for each in queries.lost_payments(reads)]
    found += [_refund_need(each, "payment_back", "gave_back") for each in queries.surplus(reads, ended=True)]
    found += [
        _refund_need(each, "payment_silent", "settle_refund")
        for each in queries.surplus(reads)
        if now - each.since_ms >= SILENT_MS[each.state]
    ]
    return found


def _refund_need(each: PortRefund, kind: str, action: str) -> Need:
    details = {"payment": each.payment[-4:].upper(), "amount": each.amount, "reason": each.reason}
    return Need(f"surplus/{each.payment}", SOON, "", kind, each.since_ms, details, action)


def _need(each: Payment, urgency: int, kind: str, action: str | None) -> Need:
    details = {"payment": each.payment[-4:].upper(), "amount": each.amount, "port": each.port}
    return Need(f"payment/{each.payment}", urgency, "", kind, each.changed_ms, details, action)


def _action(each: Payment, now: int) -> str | None:
    """Wait and trust, or close what its port says nothing of any more."""
    if each.reason in ENDABLE or now >= each.until_ms + DAY_MS:
        return "end_payment"
    return None if each.trusted else "trust_payment"
