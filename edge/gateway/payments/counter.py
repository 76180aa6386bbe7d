"""Paid at a till or to staff: the phone shows a number, the till takes the money and says so with its token."""

from __future__ import annotations

import secrets
from typing import Final

from edge.domain.payments.rules import Payment, PortRefund, RefundAnswer
from edge.gateway.payments.port import PaymentInput, PortAnswer

DIGITS: Final = 7
"""Of a number, and one that checks them."""


class CounterPort:
    """Nobody is asked: the till knows. Whatever was taken back here can still be paid there, and then counts."""

    name = "counter"
    asks = False

    def off(self) -> str:
        return ""

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:  # noqa: ARG002 - the same for every port
        return PortAnswer(state="waiting", shows=payment.number)

    async def query(self, payment: Payment) -> PortAnswer:
        return PortAnswer(state="waiting", shows=payment.number)

    async def close(self, payment: Payment) -> PortAnswer:  # noqa: ARG002
        return PortAnswer(state="closed")

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:  # noqa: ARG002
        return RefundAnswer(state="abnormal", reason="by_hand")

    async def refund_state(self, back: PortRefund, payment: Payment) -> RefundAnswer:  # noqa: ARG002
        return RefundAnswer(state="abnormal", reason="by_hand")


def new_number() -> str:
    """Eight digits that no typing mistake makes of eight others: a wrong digit, or two that changed places."""
    digits = f"{secrets.randbelow(9 * 10 ** (DIGITS - 1)) + 10 ** (DIGITS - 1)}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """By Damm's table, which finds every single wrong digit and every two that changed places."""
    held = 0
    for digit in digits:
        held = _DAMM[held][int(digit)]
    return str(held)


def is_number(text: str) -> bool:
    """Whether a cashier can have meant this."""
    return len(text) == DIGITS + 1 and text.isascii() and text.isdecimal() and check_digit(text[:-1]) == text[-1]


_DAMM: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""H. M. Damm's quasigroup of order ten."""
