"""What is asked of payments: how each stands, what is open, and the facts that another noun's decision states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from edge.domain.baskets import queries as baskets
from edge.domain.payments.facts import PaymentDoubtful, PaymentPaid, PaymentSurplus
from edge.domain.payments.rules import DAY_MS, OPEN, Evidence, Payment, PortRefund
from edge.journal import Fact, Reads

_ASK: Final = ("quote", "number", "shows")
_COLUMNS: Final = ", ".join(
    f"coalesce(a.{name}, '')" if name in _ASK else f"long(p.{name})" if name in ("payment", "basket") else f"p.{name}"
    for name in Payment.__struct_fields__
)
_OF: Final = f"SELECT {_COLUMNS} FROM payments p LEFT JOIN payment_asks a ON a.payment=p.payment"  # noqa: S608 - ours
_PAID: Final = f"""{_OF} WHERE p.basket=short(?) AND p.state='paid'
    AND NOT EXISTS (SELECT 1 FROM surplus_payments s WHERE s.payment=p.payment)"""  # noqa: S608 - names of ours
_BACK: Final = """SELECT long(s.payment) AS payment, s.amount, p.currency, s.state, s.reason, s.since_ms
    FROM surplus_payments s JOIN payments p ON p.payment=s.payment
    WHERE s.state<>'done' AND (s.state='abnormal')=? ORDER BY s.since_ms"""
_OPEN: Final = f"{_OF} WHERE p.state IN ('asked', 'waiting', 'unknown')"

_OF_MEMBER: Final = f"""{_OF} WHERE p.basket IN (
    SELECT basket FROM orders WHERE member=short(?1) AND member<>''
    UNION SELECT short(basket) FROM baskets WHERE member=?1 AND state IN ('open','held'))
    ORDER BY p.asked_ms, p.payment"""  # noqa: S608 - names of ours

_TRUSTED: Final = f"""{_OF} WHERE p.payment IN (SELECT short(t.payment) FROM trusted_payments t)
    ORDER BY p.asked_ms, p.payment"""  # noqa: S608 - names of ours


def payment(reads: Reads, name: str) -> Payment | None:
    """One payment; none where there is none of that name."""
    row = reads.one(f"{_OF} WHERE p.payment=short(?)", name)
    return Payment(*row) if row else None


def of_request(reads: Reads, request: str) -> Payment | None:
    """The payment that was asked for by this request."""
    row = reads.one(f"{_OF} WHERE a.request=?", request)
    return Payment(*row) if row else None


def of_basket(reads: Reads, basket: str) -> list[Payment]:
    """Every attempt to be paid for a basket, the first one first."""
    return [Payment(*row) for row in reads.all(f"{_OF} WHERE p.basket=short(?) ORDER BY p.asked_ms, p.payment", basket)]


def of_member(reads: Reads, member: str) -> list[Payment]:
    """Every attempt to be paid for what one person bought, or is about to buy, the first one first."""
    return [Payment(*row) for row in reads.all(_OF_MEMBER, member)]


def open_of(reads: Reads, basket: str) -> Payment | None:
    """The attempt that may still turn out paid. While there is one, what the basket holds is held."""
    return next((each for each in of_basket(reads, basket) if each.is_open), None)


def paid_of(reads: Reads, basket: str) -> Payment | None:
    """The attempt that paid for the basket; what came besides goes back."""
    row = reads.one(_PAID, basket)
    return Payment(*row) if row else None


def of_number(reads: Reads, number: str) -> Payment | None:
    """The open payment that a cashier means by a number, or else the latest of that number."""
    row = reads.one(
        f"{_OF} WHERE a.number=? AND a.number<>'' ORDER BY p.state NOT IN ('asked', 'waiting', 'unknown'),"
        " p.asked_ms DESC LIMIT 1",
        number,
    )
    return Payment(*row) if row else None


def all_open(reads: Reads) -> list[Payment]:
    """Everything that may still turn out paid, the oldest first."""
    return [Payment(*row) for row in reads.all(f"{_OPEN} ORDER BY p.asked_ms, p.payment")]


def asked_after(reads: Reads, than: Payment) -> list[Payment]:
    """What was asked for by the same port after this one: by its name, as names are given in time."""
    rows = reads.all(f"{_OF} WHERE p.payment>short(?) AND p.port=?", than.payment, than.port)
    return [Payment(*row) for row in rows]


def awaited_of(reads: Reads, members: Sequence[str]) -> list[Payment]:
    """What these persons may still turn out to have paid, the oldest first."""
    owners = set(members)
    found = [(each, baskets.now(reads, each.basket)) for each in all_open(reads)]
    return [each for each, basket in found if basket is not None and basket.member in owners]


def lost_payments(reads: Reads) -> list[Payment]:
    """What goods left for on trust and was never paid, nor its basket by another attempt, the oldest first."""
    found = [Payment(*row) for row in reads.all(_TRUSTED)]
    return [each for each in found if each.is_lost and paid_of(reads, each.basket) is None]


def surplus(reads: Reads, *, ended: bool = False) -> list[PortRefund]:
    """Money that goes back because nothing was sold for it; what needs another way only where `ended` asks for it."""
    rows = reads.all(_BACK, ended)
    return [
        PortRefund(
            refund=row["payment"],
            payment=row["payment"],
            amount=row["amount"],
            currency=row["currency"],
            state=row["state"],
            reason=row["reason"],
            since_ms=row["since_ms"],
        )
        for row in rows
    ]


def trusted_today(reads: Reads, now_ms: int) -> int:
    """How often staff let goods go unpaid within the last 24 hours."""
    row = reads.one("SELECT count(*) AS n FROM trusted_payments WHERE at_ms>?", now_ms - DAY_MS)
    return int(row["n"]) if row else 0


class Settling(msgspec.Struct, frozen=True):
    """What becomes of the news that a payment was paid."""

    outcome: Literal["paid", "already", "surplus", "doubtful"]
    """`paid`: now the basket is sold. `already`: it was known. `surplus`: the money goes back. `doubtful`: what was
    paid is not what was asked for."""
    facts: tuple[Fact, ...]
    """For the decision that asks to state."""


def is_wanted(reads: Reads, known: Payment) -> bool:
    """Whether its basket still waits for this money: the quote that it pays stands."""
    hold = baskets.hold(reads, known.basket)
    return hold is not None and hold.quote.hash == known.quote and paid_of(reads, known.basket) is None


def settling(reads: Reads, known: Payment, evidence: Evidence, *, wanted: bool = True) -> Settling:
    """What is to be stated when this payment was paid. `wanted` is false where its basket is for sale no more."""
    if known.state == "paid":
        return Settling("already", ())
    if (evidence.amount, evidence.currency) != (known.amount, known.currency):
        return Settling("doubtful", _other_amount(known, evidence))
    paid = PaymentPaid(
        payment=known.payment,
        basket=known.basket,
        amount=known.amount,
        currency=known.currency,
        port=known.port,
        by=evidence.by,
        reference=evidence.reference,
        payer=evidence.payer,
        answer=evidence.answer,
    )
    if wanted and is_wanted(reads, known):
        return Settling("paid", (paid,))
    why = "late" if paid_of(reads, known.basket) is None else "second"
    return Settling(
        "surplus",
        (paid, PaymentSurplus(payment=known.payment, basket=known.basket, amount=known.amount, reason=why)),
    )


def _other_amount(known: Payment, evidence: Evidence) -> tuple[Fact, ...]:
    if known.state == "unknown" and known.reason == "wrong_amount":
        return ()
    found = f"{evidence.amount} {evidence.currency}, not {known.amount} {known.currency}"
    return (
        PaymentDoubtful(
            payment=known.payment,
            basket=known.basket,
            reason="wrong_amount",
            details=found,
            answer=evidence.answer,
        ),
    )


def is_open(state: str) -> bool:
    """Whether a payment in this state may still turn out paid."""
    return state in OPEN
