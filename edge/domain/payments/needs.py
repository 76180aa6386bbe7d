"""What staff must see of payments: those that nobody knows of, and money that found no way back."""

from __future__ import annotations

from typing import Final

from edge.domain.needs import NOW, SOON, Need
from edge.domain.payments import queries
from edge.domain.payments.rules import DAY_MS, ENDABLE, Payment
from edge.journal import Reads

PATIENCE_MS: Final = 30_000
"""A payment that nobody knows of for so long wants a person: somebody stands there with paid goods, or unpaid ones."""


def needs(reads: Reads, now: int) -> list[Need]:
    """Doubtful payments, wrong amounts, second payments that cannot go back by themselves."""
    found = [
        Need(
            id=f"payment/{each.payment}",
            urgency=NOW,
            device="",
            kind="payment_wrong" if each.reason == "wrong_amount" else "payment_unknown",
            since_ms=each.changed_ms,
            details={"payment": each.payment[-4:].upper(), "amount": each.amount, "port": each.port},
            action=_action(each, now),
        )
        for each in queries.all_open(reads)
        if each.state == "unknown" and (now - each.changed_ms >= PATIENCE_MS or each.reason == "wrong_amount")
    ]
    found += [
        Need(
            id=f"surplus/{each.payment}",
            urgency=SOON,
            device="",
            kind="payment_back",
            since_ms=each.since_ms,
            details={"payment": each.payment[-4:].upper(), "amount": each.amount, "reason": each.reason},
            action="gave_back",
        )
        for each in queries.surplus(reads, ended=True)
    ]
    return found


def _action(each: Payment, now: int) -> str | None:
    """Wait and trust, or close what its port says nothing of any more."""
    if each.reason in ENDABLE or now >= each.until_ms + DAY_MS:
        return "end_payment"
    return None if each.trusted else "trust_payment"
