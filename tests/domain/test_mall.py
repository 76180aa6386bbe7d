"""The points mall: points and coupon in one decision, never one without the other, never beyond its stock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.coupons import decisions as coupon_decisions
from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons.rules import ClaimRules, ClaimSource
from edge.domain.ledger import exchanging, queries
from edge.domain.ledger.exchanging import Exchanged
from edge.domain.ledger.facts import MallExchanged, MallOffered
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join, offer
from tests.domain.test_ledger import facts, give

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal


def furnish(tx: Tx, stock: int = 2) -> None:
    coupon_decisions.offer(tx, [offer("milk", stock=5), offer("tea", stock=5)])
    exchanging.offer(
        tx,
        [
            MallOffered(item="milk-200", campaign="milk", points=200, stock=stock),
            MallOffered(item="lost", campaign="no-such", points=1, stock=1),
        ],
    )


async def exchange(store: Journal, member: str, request: str = "r") -> Exchanged:
    return await store.write(exchanging.exchange, caller=by(member), item="milk-200", request=f"{request}-{member}")


async def test_points_become_a_coupon_once(store: Journal, clock: SetClock) -> None:
    await store.write(furnish)
    anna = await store.write(join, 1)
    await give(store, anna, clock, 500)
    done = await asyncio.gather(*(exchange(store, anna) for _ in range(5)))
    assert sorted(each.already for each in done) == [False] + [True] * 4
    assert queries.balance(store.reads, anna, clock.now).points == 300
    assert len({each.coupon for each in done}) == 1
    assert "milk" in coupon_queries.claimed_by(store.reads, anna)
    with pytest.raises(Refusal, match="mall_enough"):
        await exchange(store, anna, "again")
    (item,) = exchanging.mall(store.reads, anna, clock.now)
    assert (item.left, item.enough) == (1, True)


async def test_a_request_that_had_something_else_is_refused(store: Journal, clock: SetClock) -> None:
    await store.write(furnish)
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await give(store, anna, clock, 500)
    await give(store, ben, clock, 500)
    await exchange(store, anna)
    for caller, item in ((anna, "lost"), (ben, "milk-200")):
        with pytest.raises(Refusal, match="bad_request"):
            await store.write(exchanging.exchange, caller=by(caller), item=item, request=f"r-{anna}")


async def test_what_was_had_is_told_as_it_was_had_whatever_it_takes_by_now(store: Journal, clock: SetClock) -> None:
    await store.write(furnish)
    anna = await store.write(join, 1)
    await give(store, anna, clock, 500)
    first = await exchange(store, anna)
    dearer = MallOffered(item="milk-200", campaign="milk", points=250, stock=2)
    await store.write(lambda tx: exchanging.offer(tx, [dearer]))
    again = await exchange(store, anna)
    assert (again.coupon, again.points, again.already) == (first.coupon, 200, True)


async def test_too_few_points_and_what_is_gone(store: Journal, clock: SetClock) -> None:
    await store.write(furnish, 1)
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await give(store, anna, clock, 199, "o1")
    await give(store, ben, clock, 200, "o2")
    with pytest.raises(Refusal, match="points_short"):
        await exchange(store, anna)
    await give(store, anna, clock, 1, "o3")
    done = await asyncio.gather(exchange(store, anna), exchange(store, ben), return_exceptions=True)
    assert sum(isinstance(each, Exchanged) for each in done) == 1
    assert {each.code for each in done if isinstance(each, Refusal)} == {"mall_gone"}
    left = [queries.balance(store.reads, member, clock.now).points for member in (anna, ben)]
    assert sorted(left) == [0, 200]
    assert len(facts(store, MallExchanged)) == 1


async def test_what_is_had_for_points_is_claimed_by_nobody(store: Journal, clock: SetClock) -> None:
    await store.write(furnish)
    assert [each.coupon for each in coupon_queries.on_offer(store.reads, "baby", clock.now)] == ["tea"]
    anna = await store.write(join, 1)
    hand = ClaimSource("screen-baby", "live-1", "phone")
    with pytest.raises(Refusal, match="coupon_unknown"):
        await store.write(
            coupon_decisions.claim, coupon="milk", caller=by(anna), hand=hand, request="r", rules=ClaimRules()
        )
    await store.write(lambda tx: exchanging.offer(tx, []))
    assert len(coupon_queries.on_offer(store.reads, "baby", clock.now)) == 2
    assert exchanging.mall(store.reads, anna, clock.now) == []
