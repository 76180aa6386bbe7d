"""A store with baskets that are held, and a desk over whichever port a test brings."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Good
from edge.domain.nouns import NOUNS
from edge.domain.payments import queries
from edge.domain.payments.rules import PaymentRequest
from edge.gateway.payments.desk import PaymentDesk
from edge.gateway.payments.simulated import SimulatedPort
from edge.journal.journal import Journal
from pricing.basket import Goods, Terms
from pricing.price import price
from tests.callers import by
from tests.domain.conftest import furnish, join

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from edge.domain.payments.rules import Payment
    from edge.gateway.payments.port import Port
    from edge.gateway.payments.refund_queue import RefundSource

MILK = "06901234567892"


class Till:
    """A store, its desk, and a clock that a test turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ahead_s = 0.0
        self.jumped_s = 0.0
        """How far the clock was set."""
        self.currency = "CNY"
        self._count = 0
        self.journal = Journal(folder / "store.db", NOUNS)
        self.simulated = SimulatedPort(folder / "simulated.jsonl")
        self.desk = self.open([self.simulated])

    def open(self, ports: list[Port], backs: tuple[RefundSource, ...] = ()) -> PaymentDesk:
        """Another desk over the same journal: what a restart makes."""
        named = {port.name: port for port in ports}
        self.desk = PaymentDesk(
            self.journal.write, self.journal.reads, named, b"key", backs=backs, clock=self.clock, elapsed=self.elapsed
        )
        return self.desk

    def clock(self) -> float:
        return time.time() + self.ahead_s + self.jumped_s

    def elapsed(self) -> float:
        return time.monotonic() + self.ahead_s

    async def held(self, amount: int = 1035) -> str:
        """A basket of somebody whose price stands."""
        self._count += 1
        basket, number = f"b{self._count}", self._count
        anna = await self.journal.write(join, number)
        good = Good(gtin=MILK, price=amount)
        await self.journal.write(baskets.add, caller=by(anna), basket=basket, good=good, request=f"add-{number}")
        found = basket_queries.basket(self.journal.reads, basket)
        assert found is not None
        shelf = {MILK: Goods(gtin=MILK, price=amount)}
        quote = price(
            found,
            catalogue=shelf,
            campaigns=(),
            now_ms=time.time_ns() // 1_000_000,
            terms=Terms(currency=self.currency),
        )
        await self.journal.write(holding.hold, caller=by(anna), basket=basket, quote=quote, seen=None)
        return basket

    async def pay(self, basket: str, port: str = "simulated", request: str = "", **more: Any) -> Payment:
        return await self.desk.pay(PaymentRequest(basket=basket, port=port, request=request or f"r-{basket}", **more))

    def now(self, payment: Payment) -> Payment:
        found = queries.payment(self.journal.reads, payment.payment)
        assert found is not None
        return found

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits for what stays."""
        async with asyncio.timeout(60):
            while not condition():
                self.desk.wake()
                await asyncio.sleep(0.02)

    async def becomes(self, payment: Payment, state: str) -> Payment:
        """Waits for a state; where it is not the last one, the test sees to it that it stays."""
        await self.until(lambda: self.now(payment).state == state)
        return self.now(payment)

    def facts(self) -> list[str]:
        entries = self.journal.after(0, 2000)
        return [entry.type.split(".")[1] for entry in entries if entry.type.startswith("payment.")]


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    made = Till(tmp_path)
    await made.journal.write(furnish)
    yield made
    await made.desk.stop()
    made.journal.close()
