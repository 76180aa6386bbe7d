"""No coupon twice, none beyond its stock, none eaten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain import coupons
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join, offer

if TYPE_CHECKING:
    from edge.journal import Journal


async def claim(store: Journal, coupon: str, member: str, request: str = "r") -> coupons.Claim:
    return await store.write(
        coupons.claim,
        coupon=coupon,
        caller=by(member),
        touchpoint="screen-baby",
        request=f"{request}-{member}-{coupon}",
    )


async def test_a_claim_is_in_the_wallet_once_however_often_it_is_sent(store: Journal) -> None:
    anna = await store.write(join, 1)
    claims = await asyncio.gather(*(claim(store, "milk", anna, f"r{number}") for number in range(8)))
    assert sorted(result.already for result in claims) == [False] + [True] * 7
    wallet = coupons.wallet(store.reads, anna)
    assert [(row["coupon"], row["claimed"], row["from_touchpoint"]) for row in wallet] == [("milk", 1, "screen-baby")]


async def test_the_stock_holds_when_all_want_it_at_once(store: Journal) -> None:
    people = [await store.write(join, number) for number in range(10)]
    results = await asyncio.gather(*(claim(store, "milk", person) for person in people), return_exceptions=True)
    assert sum(isinstance(result, coupons.Claim) for result in results) == 2
    assert {result.code for result in results if isinstance(result, Refusal)} == {"coupon_gone"}
    # Those who have it keep it, and hear so.
    owners = [person for person, result in zip(people, results, strict=True) if isinstance(result, coupons.Claim)]
    assert (await claim(store, "milk", owners[0], "again")).already


async def test_refusals_say_why(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    with pytest.raises(Refusal, match="coupon_unknown"):
        await claim(store, "caviar", anna)
    with pytest.raises(Refusal, match="not_registered"):
        await claim(store, "milk", "nobody")
    clock.now += 60_000
    with pytest.raises(Refusal, match="coupon_ended"):
        await claim(store, "wipes", anna)


async def test_withdrawn_is_gone_from_screens_but_not_from_wallets(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await claim(store, "milk", anna)
    await store.write(coupons.offer, [])
    assert coupons.on_offer(store.reads, "baby", SetClock.now) == []
    assert [row["coupon"] for row in coupons.wallet(store.reads, anna)] == ["milk"]
    with pytest.raises(Refusal, match="coupon_ended"):
        await claim(store, "milk", ben)
    await store.write(coupons.offer, [offer("milk", stock=2)])
    assert not (await claim(store, "milk", ben)).already


async def test_offers_come_soonest_to_end_first_and_only_from_their_zone(store: Journal, clock: SetClock) -> None:
    assert [row["coupon"] for row in coupons.on_offer(store.reads, "baby", clock.now)] == ["wipes", "milk"]
    assert coupons.on_offer(store.reads, "entrance", clock.now) == []
