"""What goes together is learned from paid baskets alone, never from few; and it finds more than "most bought"."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets.facts import BasketLineAdded, BasketOpened, BasketPaid
from edge.domain.baskets.habits import SUPPORT, companions, habits
from edge.domain.baskets.rules import BasketLine, Good
from tests.callers import by
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal import Reads, Tx
    from edge.journal.journal import Journal

DAY_MS = 86_400_000
TASTES = {"breakfast": range(10, 16), "baby": range(20, 26), "party": range(30, 36), "washing": range(40, 46)}
STAPLES = range(1, 5)


def gtin(number: int) -> str:
    return f"{number:014}"


def buying(seed: random.Random) -> list[str]:
    """A basket as a household fills it: a taste or two, and what everybody buys."""
    found = {number for number in STAPLES if seed.random() < 0.45}
    for taste in seed.sample(sorted(TASTES), seed.choice((1, 1, 2))):
        found |= {number for number in TASTES[taste] if seed.random() < 0.5}
    return [gtin(number) for number in sorted(found)]


async def sold(store: Journal, *many: list[str], name: str) -> None:
    """Baskets as a till sold them, committed at once."""

    def sell(tx: Tx) -> None:
        for number, goods in enumerate(many):
            basket = f"{name}{number}"
            tx.emit(BasketOpened(basket=basket, session=f"till/{basket}"))
            for place, each in enumerate(goods):
                tx.emit(BasketLineAdded(basket=basket, line=BasketLine(line=f"{basket}-{place}", gtin=each)))
            tx.emit(BasketPaid(basket=basket, order=f"o-{basket}"))

    await store.write(sell)


async def test_fewer_baskets_than_the_floor_tell_nothing(store: Journal) -> None:
    both = [gtin(1), gtin(2)]
    await sold(store, *([both] * (SUPPORT - 1)), *([[gtin(3)]] * 20), name="b")
    assert companions(store.reads, [gtin(1)]) == []
    await sold(store, both, name="last")
    (found,) = companions(store.reads, [gtin(1)])
    assert (found.gtin, found.of, found.baskets, found.of_baskets) == (gtin(2), gtin(1), SUPPORT, SUPPORT)
    assert found.lift == 5.0


def most_bought(reads: Reads, most: int) -> list[str]:
    """The goods in most baskets: what whoever knows nothing of what goes together would name."""
    rows = reads.all("SELECT gtin FROM sold_goods WHERE gtin<>'' ORDER BY baskets DESC, gtin LIMIT ?", most)
    return [row["gtin"] for row in rows]


async def test_on_baskets_it_has_not_seen_it_finds_more_than_most_bought(store: Journal) -> None:
    """One good is hidden from each basket: how often is it among the first five that are named?"""
    seed = random.Random(11)
    learned = [goods for goods in (buying(seed) for _ in range(150)) if len(goods) > 1]
    await sold(store, *learned, name="b")
    hits = popular = tried = 0
    for _ in range(200):
        goods = buying(seed)
        if len(goods) < 3:
            continue
        hidden = seed.choice(goods)
        rest = [each for each in goods if each != hidden]
        named = [each.gtin for each in companions(store.reads, rest, 5)]
        usual = [each for each in most_bought(store.reads, 12) if each not in rest][:5]
        tried += 1
        hits += hidden in named
        popular += hidden in usual
    assert tried > 100
    assert hits > 1.3 * popular


async def test_what_is_bought_again_is_named_when_it_is_due(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    for week in range(4):
        for number in (1, 2) if week < 2 else (1,):
            await store.write(
                baskets.add,
                caller=by(anna),
                basket=f"w{week}",
                good=Good(gtin=gtin(number)),
                request=f"{week}-{number}",
            )
        paid = BasketPaid(basket=f"w{week}", order=f"o{week}")
        await store.write(lambda tx, paid=paid: tx.emit(paid))
        clock.now += 7 * DAY_MS
    (habit,) = habits(store.reads, anna, clock.now)
    assert (habit.gtin, habit.times, habit.every_days) == (gtin(1), 4, 7)
    assert habits(store.reads, anna, clock.now - 5 * DAY_MS) == []
