"""A payment provider that is played: buttons instead of money. It remembers in a file of its own, as a provider would.

What it is told to do to the next question makes every trouble of a real one: an answer that is lost after the deed, a
refusal, a refund that hangs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

from edge.domain.payments.rules import Payment, PortRefund, RefundAnswer
from edge.gateway.payments.port import PaymentInput, PortAnswer, digest

Act = Literal["pay", "fail", "silent", "answer", "refund_hangs", "refund_fails", "refund_works"]
ACTS: Final = ("pay", "fail", "silent", "answer", "refund_hangs", "refund_fails", "refund_works")
"""`silent`: it answers nothing until `answer`."""


class SimulatedPort:
    """Its own book: orders and refunds by the store's names."""

    name = "simulated"
    asks = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._orders: dict[str, dict[str, Any]] = {}
        self._backs: dict[str, str] = {}
        self.silent = False
        self._refunds = "refund_works"
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            self._take(json.loads(line))

    def off(self) -> str:
        return ""

    def act(self, payment: str, act: Act) -> bool:
        """What the player does. False where there is no such order, or it is over."""
        if act in ("silent", "answer"):
            self.silent = act == "silent"
            return True
        if act.startswith("refund_"):
            self._refunds = act
            return True
        if self._orders.get(payment, {}).get("state") != "waiting":
            return False
        self._write({"order": payment, "state": "paid" if act == "pay" else "failed"})
        return True

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:  # noqa: ARG002 - the same for every port
        if payment.payment not in self._orders:
            money = {"amount": payment.amount, "currency": payment.currency}
            self._write({"order": payment.payment, "state": "waiting", **money})
        return await self.query(payment)

    async def query(self, payment: Payment) -> PortAnswer:
        order = self._orders.get(payment.payment)
        if self.silent:
            return PortAnswer(state="unknown", reason="no_answer")
        if order is None:
            return PortAnswer(state="closed", reason="never_asked")
        return PortAnswer(
            state=order["state"],
            reason="declined" if order["state"] == "failed" else "",
            reference=f"sim-{payment.payment[-12:]}",
            amount=order["amount"],
            currency=order["currency"],
            payer="player",
            answer=digest(json.dumps(order)),
        )

    async def close(self, payment: Payment) -> PortAnswer:
        order = self._orders.get(payment.payment)
        if order is not None and order["state"] == "waiting" and not self.silent:
            self._write({"order": payment.payment, "state": "closed"})
        return await self.query(payment)

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        if back.refund not in self._backs:
            state = {"refund_hangs": "pending", "refund_fails": "abnormal"}.get(self._refunds, "done")
            self._write({"refund": back.refund, "state": state})
        return await self.refund_state(back, payment)

    async def refund_state(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        state = self._backs.get(back.refund)
        if self.silent:
            return RefundAnswer(state="unknown", reason="no_answer")
        if state is None:
            return await self.refund(back, payment)
        if state == "pending" and self._refunds != "refund_hangs":
            self._write({"refund": back.refund, "state": "done"})
        return RefundAnswer(state=self._backs[back.refund], reference=f"sim-{back.refund[-12:]}")  # type: ignore[arg-type]

    def _write(self, line: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as book:
            book.write(json.dumps(line) + "\n")
        self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        if "refund" in line:
            self._backs[line["refund"]] = line["state"]
        else:
            self._orders[line["order"]] = {**self._orders.get(line["order"], {}), **line}
