"""Any order of orders, returns, repeats and days: the balance is the sum of the history, and nothing counts twice."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.ledger import decisions, postings, queries
from edge.domain.ledger.rules import DAY_MS, LedgerRules
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.journal.journal import Journal
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal import Tx

KINDS = ("pay", "return", "pay", "return", "days", "keep", "free")
ROUNDS = 25 if "STOREKEEPER_ROUNDS" in os.environ else 8
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 2), st.integers(100, 900), st.integers(0, 300)),
    min_size=12,
    max_size=20,
)


class History:
    """One member's store, played step by step."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.store = Journal(folder / "store.db", NOUNS, clock=self.clock)

    async def play(self, steps: list[tuple[str, int, int, int]]) -> None:
        await self.store.write(decisions.agree, LedgerRules())
        anna = await self.store.write(join, 1)
        for number, (what, which, money, days) in enumerate(steps):
            if what == "days":
                self.clock.now += days * DAY_MS
            else:
                await self._do(anna, what, f"order-{which}", money, f"refund-{number}")
            await self.store.write(decisions.on_tick)
            self._holds(anna)

    async def _do(self, anna: str, what: str, order: str, money: int, refund: str) -> None:
        now = self.clock.now
        some = min(money // 100, queries.balance(self.store.reads, anna, now, basket=order).free)

        def decide(tx: Tx) -> None:
            if what == "pay":
                made = postings.burning(tx, anna, order, some, now, basket=order)
                made += postings.earning(tx, anna, order, money, money // 100 + 3, now)
            elif what == "return":
                made = postings.reversal(tx, order, refund, paid=money // 4, back=money // 400, now_ms=now)
            else:
                made = (
                    postings.reserving(tx, anna, order, money // 200, now)
                    if what == "keep"
                    else postings.releasing(tx, order)
                )
            for fact in made:
                tx.emit(fact)

        try:
            await self.store.write(decide)
            once = queries.balance(self.store.reads, anna, now)
            await self.store.write(decide)
        except Refusal as refusal:
            assert refusal.code == "points_short"  # noqa: PT017 - most steps are not refused
            return
        assert queries.balance(self.store.reads, anna, now) == once, f"{what} sent twice"

    def _holds(self, anna: str) -> None:
        reads = self.store.reads
        (booked,) = reads.all("SELECT coalesce(sum(delta), 0) AS points FROM ledger_entries WHERE book='points'")
        has = queries.balance(reads, anna, self.clock.now)
        assert has.points == booked["points"]
        assert has.free == max(0, has.points - has.reserved)
        wrong = "repaid>paid OR gone>earned OR back>burned OR repaid=paid AND gone<>earned AND repaid>0"
        assert reads.all(f"SELECT * FROM ledger_sales WHERE {wrong}") == []
        assert reads.all("SELECT * FROM lots WHERE left<0 OR left>points") == []


@settings(max_examples=ROUNDS, deadline=None)
@given(STEPS)
def test_the_balance_is_the_sum_of_its_history(steps: list[tuple[str, int, int, int]]) -> None:
    async def run(folder: str) -> None:
        history = History(Path(folder))
        try:
            await history.play(steps)
        finally:
            history.store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(folder))
