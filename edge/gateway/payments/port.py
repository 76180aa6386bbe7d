"""What a way to be paid is to the store: five questions, each answered with one of a few states.

A port never raises for what the other side says or leaves out: silence, nonsense and a signature that does not hold are
`unknown`, because money may have moved. What it raises is a mistake of ours, which the desk takes for `unknown` too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from typing import Literal, Protocol, TypeVar

import msgspec
import structlog

from edge.domain.payments.rules import Payment, PortRefund, RefundAnswer

log = structlog.get_logger(__name__)
T = TypeVar("T")

AnswerState = Literal["waiting", "paid", "failed", "closed", "unknown"]


class PortAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a port says of a payment."""

    state: AnswerState
    reason: str = ""
    """Why it is not paid, or not known."""
    shows: str = ""
    """What the shopper is shown to pay."""
    reference: str = ""
    """What the port calls it."""
    amount: int | None = None
    """What was paid, in the currency's smallest unit; none where the port does not say, and it is what was asked."""
    currency: str = ""
    """The same of the currency."""
    payer: str = ""
    """The payer's name at the port. It is hashed before it is recorded."""
    answer: str = ""
    """SHA-256 of the raw answer, hexadecimal."""


class PaymentInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment needs beside what is on record: used once, and kept nowhere."""

    code: str = ""
    """From the shopper's phone, or what a certified device made of a face."""
    payer: str = ""
    """The shopper's name at the port, where the wallet's own page is to open."""
    text: str = ""
    """What the payer reads on the bill."""


class Port(Protocol):
    """One way to be paid."""

    name: str
    asks: bool
    """Whether asking tells anything; a port that does not is told by a till or by staff."""

    def off(self) -> str:
        """Why it is not on offer now, `offline` for example; "" where it is."""

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:
        """Ask for the money. Called once for a payment, and never again after a restart."""

    async def query(self, payment: Payment) -> PortAnswer:
        """How it stands."""

    async def close(self, payment: Payment) -> PortAnswer:
        """Take it back. `closed` where it can be paid no more; `paid` where somebody was quicker."""

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        """Give money back; asked again under the same name, it goes back once."""

    async def refund_state(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        """How far the money is."""


def digest(raw: bytes | str) -> str:
    """Of a raw answer, for the record."""
    return hashlib.sha256(raw.encode() if isinstance(raw, str) else raw).hexdigest()


async def answer_or_doubt(asking: Awaitable[T], doubt: T, port: str) -> T:
    """What a port answers; a mistake of ours in it is the doubt that is given, because money may have moved."""
    try:
        return await asking
    except Exception:
        log.exception("payment.port_failed", port=port)
        return doubt
