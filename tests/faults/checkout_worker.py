"""A process that sells basket after basket on a real journal, told to be killed at any step: each step says its name.

Begun again it does the same again, as phones, tills and ports do that got no answer.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from edge.domain.ledger.facts import PointsBooked
from edge.domain.ledger.postings import is_booked
from edge.domain.nouns import NOUNS
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries
from edge.journal import Tx
from edge.journal.journal import Journal
from tests.domain.conftest import furnish, join
from tests.domain.selling import MILK, TEA, TERMS, asked, back, filled, held, money, quoted

BALANCE = 5000


def give(tx: Tx, member: str) -> None:
    """Points, once."""
    if not is_booked(tx, f"given/{member}"):
        tx.emit(PointsBooked(member=member, points=BALANCE, reason="goodwill", key=f"given/{member}"))


def step(name: str) -> None:
    """The moment in which it may be killed."""
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()


async def sell(store: Journal, number: int) -> None:
    """From the shelf to a return."""
    basket = f"b{number}"
    member = await store.write(join, number)
    await store.write(give, member)
    step("joined")
    order = queries.of_basket(store.reads, basket)
    if order is None:
        await filled(store, member, {MILK: 2, TEA: 1}, basket)
        step("filled")
        quote = await held(store, member, quoted(store, basket, off=100, points=900))
        step("held")
        payment = await asked(store, quote, f"pay-{number}")
        step("asked")
        news = {"payment": payment, "evidence": money(quote.total), "terms": TERMS}
        await asyncio.gather(*(store.write(orders.settle, **news) for _ in range(3)))
        step("settled")
        order = queries.of_basket(store.reads, basket)
    assert order is not None
    await back(store, order, {order.paid.lines[0].id: 1}, f"back-{number}")
    step("back")


async def main(path: Path, first: int, last: int) -> None:
    store = Journal(path, NOUNS)
    if store.reads.one("SELECT 1 FROM zones LIMIT 1") is None:
        await store.write(furnish)
    for number in range(first, last):
        await sell(store, number)
    store.close()
    step("done")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
