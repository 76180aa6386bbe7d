"""No coupon twice, none beyond its stock, none eaten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.coupons import decisions as coupons
from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons import wallet as wallets
from edge.domain.coupons.facts import OfferClaimed
from edge.domain.coupons.rules import Claim, ClaimRules, ClaimSource
from edge.domain.devices import decisions as devices
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join, offer

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

LOOSE = ClaimRules(live_code=1000, printed_an_hour=1000, printed_share=1.0)


async def claim(
    store: Journal,
    coupon: str,
    member: str,
    request: str = "r",
    hand: ClaimSource | None = None,
    rules: ClaimRules = LOOSE,
) -> Claim:
    return await store.write(
        coupons.claim,
        coupon=coupon,
        caller=by(member),
        hand=hand or ClaimSource("screen-baby", "live-1", f"phone-{member}"),
        request=f"{request}-{member}-{coupon}",
        rules=rules,
    )


async def test_a_claim_is_in_the_wallet_once_however_often_it_is_sent(store: Journal) -> None:
    anna = await store.write(join, 1)
    claims = await asyncio.gather(*(claim(store, "milk", anna, f"r{number}") for number in range(8)))
    assert sorted(result.already for result in claims) == [False] + [True] * 7
    wallet = wallets.wallet(store.reads, anna, SetClock.now)
    assert [(found.of.coupon, found.of.claimed) for found in wallet] == [("milk", 1)]
    assert [row["touchpoint"] for row in store.reads.all("SELECT touchpoint FROM wallet")] == ["screen-baby"]


async def test_the_stock_holds_when_all_want_it_at_once(store: Journal) -> None:
    people = [await store.write(join, number) for number in range(10)]
    results = await asyncio.gather(*(claim(store, "milk", person) for person in people), return_exceptions=True)
    assert sum(isinstance(result, Claim) for result in results) == 2
    assert {result.code for result in results if isinstance(result, Refusal)} == {"coupon_gone"}
    # Those who have it keep it, and hear so.
    owners = [person for person, result in zip(people, results, strict=True) if isinstance(result, Claim)]
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
    assert coupon_queries.on_offer(store.reads, "baby", SetClock.now) == []
    assert [found.of.coupon for found in wallets.wallet(store.reads, anna, SetClock.now)] == ["milk"]
    with pytest.raises(Refusal, match="coupon_ended"):
        await claim(store, "milk", ben)
    await store.write(coupons.offer, [offer("milk", stock=2)])
    assert not (await claim(store, "milk", ben)).already


async def test_offers_come_soonest_to_end_first_and_only_from_their_zone(store: Journal, clock: SetClock) -> None:
    assert [found.coupon for found in coupon_queries.on_offer(store.reads, "baby", clock.now)] == ["wipes", "milk"]
    assert coupon_queries.on_offer(store.reads, "entrance", clock.now) == []


def print_codes(tx: Tx) -> None:
    """A shelf card in mother and baby, and one at the entrance."""
    words = {"zh-CN": "卡", "en": "card"}
    for name, zone in (("shelf-baby", "baby"), ("shelf-door", "entrance")):
        tx.emit(TouchpointDefined(touchpoint=name, purpose="shelf", zone=zone, label=words, at=(1.0, 1.0)))


async def people(store: Journal, count: int) -> list[str]:
    return [await store.write(join, number) for number in range(1, count + 1)]


async def test_a_screen_s_coupon_needs_a_live_code_and_every_code_its_zone(store: Journal) -> None:
    await store.write(print_codes)
    (anna,) = await people(store, 1)
    for touchpoint, live, refusal in (
        ("screen-baby", "", "code_not_live"),
        ("shelf-door", "", "coupon_elsewhere"),
        ("cart-01", "", "wrong_purpose"),
        ("gone", "", "code_unknown"),
        ("gone", "live-1", "code_unknown"),
    ):
        with pytest.raises(Refusal, match=refusal):
            await claim(store, "milk", anna, hand=ClaimSource(touchpoint, live, "phone"))
    assert not (await claim(store, "milk", anna, hand=ClaimSource("shelf-baby", "", "phone"))).already


async def test_one_live_code_serves_a_few_phones_for_each_coupon(store: Journal) -> None:
    anna, ben, cleo = await people(store, 3)
    few = ClaimRules(live_code=2)
    await claim(store, "wipes", anna, rules=few)
    await claim(store, "wipes", ben, rules=few)
    with pytest.raises(Refusal, match="code_used_up"):
        await claim(store, "wipes", cleo, rules=few)
    assert (await claim(store, "wipes", anna, "again", rules=few)).already
    await claim(store, "milk", cleo, rules=few)
    await claim(store, "wipes", cleo, hand=ClaimSource("screen-baby", "live-2", "phone-c"), rules=few)


async def test_paper_from_a_screen_that_is_gone_is_good_for_one_phone(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    assert not (await claim(store, "milk", anna, hand=ClaimSource("screen-gone", "pseed", "a"))).already
    with pytest.raises(Refusal, match="code_used_up"):
        await claim(store, "milk", ben, hand=ClaimSource("screen-gone", "pseed", "b"))
    with pytest.raises(Refusal, match="code_unknown"):
        await claim(store, "milk", ben, hand=ClaimSource("screen-gone", "1s8rq3", "b"))


async def test_one_phone_claims_a_coupon_once_whoever_it_says_it_is(store: Journal) -> None:
    await store.write(print_codes)
    anna, ben, cleo = await people(store, 3)
    await claim(store, "wipes", anna, hand=ClaimSource("screen-baby", "live-1", "phone"))
    for touchpoint, live in (("screen-baby", "live-1"), ("screen-baby", "live-9"), ("shelf-baby", "")):
        with pytest.raises(Refusal, match="coupon_taken_here"):
            await claim(store, "wipes", ben, hand=ClaimSource(touchpoint, live, "phone"))
    await claim(store, "milk", ben, hand=ClaimSource("screen-baby", "live-1", "phone"))
    await claim(store, "wipes", cleo, hand=ClaimSource("screen-baby", "live-1", "another"))


async def test_printed_codes_are_bounded_by_the_hour_whoever_asks(store: Journal, clock: SetClock) -> None:
    await store.write(print_codes)
    await store.write(coupons.offer, [offer("wipes", stock=100)])
    crowd = await people(store, 6)
    few = ClaimRules(printed_an_hour=3, printed_share=1.0)
    for number, person in enumerate(crowd[:3]):
        clock.now += 60_000
        await claim(store, "wipes", person, hand=ClaimSource("shelf-baby", "", f"p{number}"), rules=few)
    with pytest.raises(Refusal, match="too_many_claims") as refused:
        await claim(store, "wipes", crowd[3], hand=ClaimSource("shelf-baby", "", "p3"), rules=few)
    assert refused.value.details["seconds"] == 3600 - 120
    await claim(store, "wipes", crowd[4], hand=ClaimSource("screen-baby", "live-1", "p4"), rules=few)
    await claim(store, "wipes", crowd[5], hand=ClaimSource("shelf-baby", "", "p5", proven=True), rules=few)
    clock.now += 3600_000 - 120_000
    await claim(store, "wipes", crowd[3], hand=ClaimSource("shelf-baby", "", "p3"), rules=few)


async def test_printed_codes_leave_a_share_for_those_at_the_screen(store: Journal) -> None:
    await store.write(print_codes)
    await store.write(coupons.offer, [offer("wipes", stock=4)])
    crowd = await people(store, 6)
    half = ClaimRules(printed_share=0.5)
    for number in (0, 1):
        await claim(store, "wipes", crowd[number], hand=ClaimSource("shelf-baby", "", f"p{number}"), rules=half)
    printed = ClaimSource("shelf-baby", "", "p2")
    await claim(store, "wipes", crowd[2], hand=printed, rules=half)  # the screen is away: nothing is kept for it
    await store.write(devices.on_presence, device="screen-baby", online=True, boot="b1")
    with pytest.raises(Refusal, match="coupon_at_screen"):
        await claim(store, "wipes", crowd[3], hand=ClaimSource("shelf-baby", "", "p3"), rules=half)
    await claim(store, "wipes", crowd[3], hand=ClaimSource("screen-baby", "live-1", "p3"), rules=half)


async def test_a_claim_of_an_earlier_build_counts_against_nobody(store: Journal) -> None:
    await store.write(print_codes)
    anna, ben = await people(store, 2)

    def as_before(tx: Tx) -> None:
        tx.emit(OfferClaimed(coupon="wipes", member=anna, touchpoint="screen-baby", request="r"))

    await store.write(as_before)
    assert (await claim(store, "wipes", anna)).already
    few = ClaimRules(live_code=1, printed_an_hour=1)
    await claim(store, "wipes", ben, hand=ClaimSource("shelf-baby", "", "p"), rules=few)


async def test_seven_hundred_people_of_one_script_take_no_more_than_is_configured(
    store: Journal, clock: SetClock
) -> None:
    """Printed codes of the zone from afar, each person with a phone of its own, for as many hours as it likes."""
    await store.write(print_codes)
    await store.write(devices.on_presence, device="screen-baby", online=True, boot="b1")
    await store.write(coupons.offer, [offer("wipes", stock=700)])
    taken, refused = 0, dict[str, list[int]]()
    for number in range(700):
        person = await store.write(join, number)
        try:
            await claim(store, "wipes", person, hand=ClaimSource("shelf-baby", "", f"p{number}"), rules=ClaimRules())
            taken += 1
        except Refusal as refusal:
            refused.setdefault(refusal.code, []).append(taken)
            if refusal.code == "too_many_claims":
                clock.now += 3_600_000
    assert set(refused) == {"too_many_claims", "coupon_at_screen"}
    assert refused["too_many_claims"][0] == ClaimRules().printed_an_hour
    assert taken == 700 * ClaimRules().printed_share, "the rest is for those who stand at the screen"
