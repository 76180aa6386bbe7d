"""A store gives from a shared budget what it has a lease of, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import leases, leasing, queries, tables
from edge.domain.campaigns.facts import LeaseGranted, LeaseReturned
from edge.domain.coupons import coupon_facts
from edge.domain.coupons.rules import ClaimRules, ClaimSource
from edge.errors import Refusal
from pricing.campaigns import Budget
from tests.domain.conftest import SetClock, join
from tests.domain.test_campaigns import campaign, hold, pay, quote, release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.journal import Fact, Tx
    from edge.journal.journal import Journal

HOURS_12 = 12 * 3_600_000
STREAM = "ab" * 16
SHARED = Budget(uses=1000, shared=True)


def lease(number: int, uses: int | None, amount: int | None = None, **more: Any) -> LeaseGranted:
    given = {"key": "k1", "granted_ms": SetClock.now, "ends_ms": SetClock.now + HOURS_12} | more
    return LeaseGranted(
        lease=f"l{number}", campaign="a1", store="s1", stream=STREAM, number=number, uses=uses, amount=amount, **given
    )


async def opened(store: Journal, *granted: LeaseGranted, budget: Budget = SHARED) -> None:
    await store.write(campaigns.activate, [campaign("a1", budget=budget)], "settings")
    for each in granted:
        assert await store.write(leasing.take, each, stream=STREAM)


def left(store: Journal, now_ms: int = SetClock.now, basket: str = "") -> tuple[int, bool]:
    found = queries.uses(store.reads, member="", day="2026-09-21", now_ms=now_ms, basket=basket)["a1"]
    return 1000 - found.uses, found.offline


def facts(store: Journal, kind: type) -> list[Any]:
    return [fact for entry in store.after(0, 10_000) if isinstance(fact := store.nouns.decode(entry.body), kind)]


async def test_without_a_lease_nothing_is_given(store: Journal) -> None:
    await opened(store)
    assert left(store) == (0, True)
    with pytest.raises(Refusal, match="budget_gone"):
        await store.write(hold, quote("one", "a1"))
    await store.write(leasing.exhausted, "a1")
    assert left(store) == (0, False)


async def test_baskets_share_a_lease_and_orders_spend_it(store: Journal) -> None:
    await opened(store, lease(1, 3))
    await store.write(hold, quote("one", "a1", uses=2))
    assert (left(store), left(store, basket="one")) == ((1, False), (3, False))
    with pytest.raises(Refusal, match="budget_gone"):
        await store.write(hold, quote("two", "a1", uses=2))
    await store.write(hold, quote("two", "a1"))
    assert left(store) == (0, True)
    await store.write(pay, quote("one", "a1", uses=2), "o1")
    await store.write(release, "two")
    assert left(store) == (1, False)
    assert [each.spent_uses for each in leases.held(store.reads, "a1")] == [2]


async def test_what_ends_first_is_spent_first(store: Journal) -> None:
    await opened(store, lease(1, 2), lease(2, 5, ends_ms=SetClock.now + 3_600_000))
    await store.write(pay, quote("one", "a1", uses=6), "o1")
    assert {each.lease: each.spent_uses for each in leases.held(store.reads, "a1")} == {"l2": 5, "l1": 1}


async def test_money_is_leased_as_uses_are(store: Journal) -> None:
    await opened(store, lease(1, None, 700), budget=Budget(amount=90_000, shared=True))
    await store.write(hold, quote("one", "a1", amount=500))
    with pytest.raises(Refusal, match="budget_gone"):
        await store.write(hold, quote("two", "a1", amount=500))
    await store.write(pay, quote("one", "a1", amount=500), "o1")
    found = queries.uses(store.reads, member="", day="", now_ms=SetClock.now)["a1"]
    assert 90_000 - found.amount == 200


async def test_it_stops_before_the_end_and_comes_back_once_no_basket_has_of_it(store: Journal, clock: SetClock) -> None:
    await opened(store, lease(1, 10))
    await store.write(hold, quote("one", "a1"))
    clock.now += HOURS_12 - leases.MARGIN_MS
    assert left(store, clock.now) == (0, True)
    clock.now += leases.MARGIN_MS
    assert await store.write(leasing.give_back) == 0  # the basket may still be paid
    await store.write(pay, quote("one", "a1"), "o1")
    assert await store.write(leasing.give_back) == 1
    assert await store.write(leasing.give_back) == 0
    assert facts(store, LeaseReturned) == [LeaseReturned(lease="l1", campaign="a1", uses=1, amount=500)]


async def test_the_next_is_asked_for_in_good_time_and_by_the_same_number_until_it_is_here(
    store: Journal, clock: SetClock
) -> None:
    await opened(store)

    def wishes(stream: str = STREAM) -> list[leases.Wish]:
        found = queries.in_force(store.reads)
        return leases.wishes(store.reads, found, stream=stream, now_ms=clock.now)

    assert wishes() == wishes() == [leases.Wish("a1", 1)]
    assert await store.write(leasing.take, lease(1, 10), stream=STREAM)
    assert not await store.write(leasing.take, lease(1, 10), stream=STREAM)
    assert wishes() == []
    clock.now += 3_600_000
    await store.write(pay, quote("one", "a1", uses=5), "o1")
    assert wishes() == [leases.Wish("a1", 2, uses=60, amount=6_000)]
    assert wishes("cd" * 16)[0].number == 1
    await store.write(campaigns.pause, campaign="a1", by="anna", reason="so")
    assert wishes() == []


async def test_whoever_else_s_lease_is_refused(store: Journal) -> None:
    await opened(store, lease(1, 10))
    for wrong, stream in ((lease(2, 10), "cd" * 16), (lease(2, 10, key="k2"), STREAM)):
        with pytest.raises(Refusal, match="lease_not_ours"):
            await store.write(leasing.take, wrong, stream=stream)


async def test_another_stream_holds_none(store: Journal) -> None:
    await opened(store, lease(1, 10))
    for statement in tables.DOUBTS:
        store._connection.execute(statement)  # what a restore runs
    assert (left(store), leases.held(store.reads, "a1")) == ((0, True), [])


async def test_a_coupon_is_spent_when_it_is_claimed(store: Journal) -> None:
    shared = campaign("a1", budget=SHARED, claim=True)
    await store.write(campaigns.activate, [shared], "settings")
    asked = {"campaign": shared, "now_ms": SetClock.now}
    with pytest.raises(Refusal, match="coupon_gone"):
        leases.claiming(store.reads, coupon="c1", **asked)
    await store.write(leasing.take, lease(1, 1), stream=STREAM)
    spent = leases.claiming(store.reads, coupon="c1", **asked)
    assert spent is not None
    await store.write(lambda tx: tx.emit(spent))
    with pytest.raises(Refusal, match="coupon_gone"):
        leases.claiming(store.reads, coupon="c2", **asked)
    # The one in the wallet is good at the till, whatever is leased then.
    await store.write(hold, quote("one", "a1"))
    await store.write(pay, quote("one", "a1"), "o1")
    assert [each.spent_uses for each in leases.held(store.reads, "a1")] == [1]


async def test_what_is_given_or_comes_with_a_registration_is_leased_too(store: Journal, clock: SetClock) -> None:
    shared = campaign("a1", budget=SHARED, claim=True)
    await store.write(campaigns.activate, [shared], "settings")
    anna = await store.write(join, 1)

    def register(tx: Tx) -> int:
        hand = ClaimSource("screen-baby", "live", "phone")
        with_it = {"coupon": "a1", "hand": hand, "request": "r", "rules": ClaimRules(), "now_ms": tx.now}
        return _state(tx, coupon_facts.with_registration(tx, anna, **with_it))

    def give(tx: Tx) -> int:
        given = coupon_facts.granting(tx, "a1", anna, request="r", why="order", now_ms=tx.now)
        return _state(tx, given.facts if given else ())

    assert (await store.write(register), await store.write(give)) == (0, 0)
    await store.write(leasing.take, lease(1, 2), stream=STREAM)
    assert (await store.write(register), await store.write(give)) == (2, 2)
    assert [each.spent_uses for each in leases.held(store.reads, "a1")] == [2]
    assert coupon_facts.granting(store.reads, "a1", anna, request="r", why="another", now_ms=clock.now) is None


def _state(tx: Tx, made: Sequence[Fact]) -> int:
    for fact in made:
        tx.emit(fact)
    return len(made)
