"""Campaigns are in force together, staff stops one, limits and budgets count what baskets have and what was paid."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import queries, reservations
from edge.domain.campaigns.facts import CampaignsReserved, Use
from edge.domain.campaigns.noun import NOUN
from edge.domain.campaigns.rules import as_used
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.errors import Refusal
from edge.gateway.rulebooks import Rulebooks
from pricing.campaigns import Budget, Campaign, Condition, Limits, Off
from pricing.quote import Quote, Used
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

MINUTES_10 = 600_000
SHANGHAI = "Asia/Shanghai"


def campaign(name: str, amount: int = 500, **more: Any) -> Campaign:
    return Campaign(id=name, benefit=Off(amount), words={"en": name}, **more)


def quote(basket: str, *used: str, amount: int = 500, uses: int = 1, timezone: str = SHANGHAI) -> Quote:
    taken = tuple(Used(campaign=name, amount=amount, uses=uses) for name in used)
    return Quote(
        basket=basket, revision=1, currency="CNY", as_of_ms=0, until_ms=0, timezone=timezone, lines=(), total=0,
        shelf=0, discount=0, used=taken,
    )  # fmt: skip


def hold(tx: Tx, found: Quote, member: str = "") -> CampaignsReserved | None:
    """As a decision of another noun does it."""
    fact = reservations.reserving(tx, found, member=member, now_ms=tx.now, until_ms=tx.now + MINUTES_10)
    if fact is not None:
        tx.emit(fact)
    return fact


def pay(tx: Tx, found: Quote, order: str, member: str = "") -> None:
    fact = reservations.using(tx, found, order=order, member=member, now_ms=tx.now)
    if fact is not None:
        tx.emit(fact)


def release(tx: Tx, basket: str) -> None:
    fact = reservations.releasing(tx, basket)
    if fact is not None:
        tx.emit(fact)


def types(store: Journal) -> list[str]:
    return [entry.type for entry in store.after(0, 10_000) if entry.type.startswith("campaign")]


async def test_only_what_differs_becomes_a_fact(store: Journal) -> None:
    assert not await store.write(campaigns.activate, [], "settings")
    assert await store.write(campaigns.activate, [campaign("a1"), campaign("b1")], "settings")
    assert not await store.write(campaigns.activate, [campaign("b1"), campaign("a1")], "settings")
    first = queries.version(store.reads)
    assert [each.id for each in queries.in_force(store.reads)] == ["a1", "b1"]
    assert await store.write(campaigns.activate, [campaign("a1", 700)], "settings")
    assert queries.version(store.reads) != first
    (left,) = queries.in_force(store.reads)
    assert (left.id, left.version, left.benefit) == ("a1", 2, Off(700))
    assert types(store) == [
        "campaign.published.v1", "campaign.published.v1", "campaigns.activated.v1",
        "campaign.published.v1", "campaign.withdrawn.v1", "campaigns.activated.v1",
    ]  # fmt: skip
    # The first ones again: a campaign that comes back is a new version of itself.
    await store.write(campaigns.activate, [campaign("a1"), campaign("b1")], "settings")
    assert [each.version for each in queries.in_force(store.reads)] == [3, 2]
    assert queries.version(store.reads) == first


async def test_a_stopped_campaign_stays_stopped_whatever_its_file_says(store: Journal) -> None:
    await store.write(campaigns.activate, [campaign("a1"), campaign("b1")], "settings")
    before = queries.version(store.reads)
    stop = {"campaign": "a1", "by": "anna", "reason": "wrong price"}
    assert await store.write(campaigns.pause, **stop)
    assert not await store.write(campaigns.pause, **stop)
    assert [each.id for each in queries.in_force(store.reads)] == ["b1"]
    assert queries.version(store.reads) != before
    await store.write(campaigns.activate, [campaign("a1", 700), campaign("b1")], "settings")
    assert [each.id for each in queries.in_force(store.reads)] == ["b1"]
    (standing,) = [each for each in queries.campaign_statuses(store.reads) if each.paused]
    assert (standing.campaign.benefit, standing.paused_by, standing.paused_why) == (Off(700), "anna", "wrong price")
    assert await store.write(campaigns.resume, campaign="a1", by="anna")
    assert not await store.write(campaigns.resume, campaign="a1", by="anna")
    assert [each.id for each in queries.in_force(store.reads)] == ["a1", "b1"]


async def test_they_are_made_ready_again_whenever_what_is_in_force_differs(store: Journal) -> None:
    books = Rulebooks(store.reads)
    told = NOUN.notices["prices"]
    store.watch(lambda placed: books.notice() if any(isinstance(fact, told) for _, fact in placed) else None)
    first = (campaign("a1"), campaign("b1", claim=True, when=Condition(zones=("baby",))))
    for put in (first, first[:1], first):
        await store.write(campaigns.activate, list(put), "settings")
        now = books.now()
        assert now is books.now()
        assert now.campaigns == queries.in_force(store.reads)
        assert now.rulebook.campaigns == tuple(map(as_used, now.campaigns))
    assert [each.version for each in books.now().campaigns] == [1, 2], "the same version's name, counted on"
    await store.write(campaigns.pause, campaign="a1", by="anna", reason="wrong price")
    assert [each.id for each in books.now().campaigns] == ["b1"]
    promised = books.now([campaign("b1", 900), campaign("old", claim=True)])
    assert [(each.id, each.benefit) for each in promised.campaigns] == [("b1", Off(500)), ("old", Off(500))]
    assert [each.id for each in books.now().campaigns] == ["b1"]


async def test_stopping_needs_a_campaign_and_a_reason(store: Journal) -> None:
    await store.write(campaigns.activate, [campaign("a1")], "settings")
    for decision, asked, code in (
        (campaigns.pause, {"campaign": "nil", "by": "anna", "reason": "so"}, "campaign_unknown"),
        (campaigns.resume, {"campaign": "nil", "by": "anna"}, "campaign_unknown"),
        (campaigns.pause, {"campaign": "a1", "by": "anna", "reason": "  "}, "reason_missing"),
    ):
        with pytest.raises(Refusal) as caught:
            await store.write(decision, **asked)
        assert caught.value.code == code


def counted(store: Journal, member: str = "", basket: str = "", now_ms: int | None = None) -> dict[str, Any]:
    now = SetClock.now if now_ms is None else now_ms
    day = datetime.fromtimestamp((now + 8 * 3_600_000) / 1000, UTC).date().isoformat()
    found = queries.uses(store.reads, member=member, day=day, now_ms=now, basket=basket)
    return {name: msgspec.to_builtins(each) for name, each in found.items()}


async def test_what_a_basket_has_counts_for_others_until_it_is_free(store: Journal, clock: SetClock) -> None:
    await store.write(campaigns.activate, [campaign("a1", limits=Limits(per_store_day=2))], "settings")
    await store.write(hold, quote("one", "a1"))
    await store.write(hold, quote("one", "a1"))  # the same basket again has it once
    assert counted(store) == {"a1": {"store_day": 1, "uses": 1, "amount": 500}}
    assert counted(store, basket="one") == {}
    await store.write(hold, quote("two", "a1"))
    with pytest.raises(Refusal, match="limit_store_day"):
        await store.write(hold, quote("three", "a1"))
    await store.write(release, "two")
    await store.write(hold, quote("three", "a1"))
    clock.now += MINUTES_10 + 1
    assert counted(store, now_ms=clock.now)["a1"]["uses"] == 2  # one may be being paid: the tick frees the others
    for basket in ("one", "three"):
        await store.write(release, basket)
    assert counted(store, now_ms=clock.now) == {}


async def test_limits_of_a_member_count_the_person_and_the_store_s_day(store: Journal, clock: SetClock) -> None:
    limits = Limits(per_member=3, per_member_day=2)
    await store.write(campaigns.activate, [campaign("a1", limits=limits)], "settings")
    anna = await store.write(join, 1)
    ben = await store.write(join, 2)
    for number in range(2):
        await store.write(pay, quote(f"b{number}", "a1"), f"o{number}", anna)
    with pytest.raises(Refusal, match="limit_member_day"):
        await store.write(hold, quote("b2", "a1"), anna)
    assert await store.write(hold, quote("b2", "a1"), ben) is not None
    await store.write(release, "b2")
    clock.now += 24 * 3_600_000
    await store.write(pay, quote("b3", "a1"), "o3", anna)
    assert counted(store, anna, now_ms=clock.now)["a1"] == {
        "member": 3, "member_day": 1, "store_day": 1, "uses": 3, "amount": 1500,
    }  # fmt: skip
    with pytest.raises(Refusal, match="limit_member "):
        await store.write(hold, quote("b4", "a1"), anna)


async def test_a_day_ends_at_midnight_in_the_store(store: Journal, clock: SetClock) -> None:
    clock.now = int(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC).timestamp() * 1000)  # 23:59:59 in Shanghai
    await store.write(campaigns.activate, [campaign("a1", limits=Limits(per_member_day=1))], "settings")
    anna = await store.write(join, 1)
    await store.write(pay, quote("b1", "a1"), "o1", anna)
    with pytest.raises(Refusal, match="limit_member_day"):
        await store.write(hold, quote("b2", "a1"), anna)
    clock.now += 1000
    assert await store.write(hold, quote("b2", "a1"), anna) is not None


async def test_what_was_held_before_midnight_is_of_that_day_though_it_is_paid_after(
    store: Journal, clock: SetClock
) -> None:
    clock.now = int(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC).timestamp() * 1000)  # 23:59:59 in Shanghai
    await store.write(campaigns.activate, [campaign("a1", limits=Limits(per_member_day=1))], "settings")
    anna = await store.write(join, 1)
    await store.write(hold, quote("b1", "a1"), anna)
    clock.now += 1000
    await store.write(pay, quote("b1", "a1"), "o1", anna)
    assert await store.write(hold, quote("b2", "a1"), anna) is not None
    await store.write(pay, quote("b2", "a1"), "o2", anna)
    today = {"member": 2, "member_day": 1, "store_day": 1, "uses": 2, "amount": 1000}
    assert counted(store, anna, now_ms=clock.now)["a1"] == today
    with pytest.raises(Refusal, match="limit_member_day"):
        await store.write(hold, quote("b3", "a1"), anna)


async def test_a_budget_is_not_passed_when_all_want_the_last_of_it(store: Journal) -> None:
    await store.write(campaigns.activate, [campaign("a1", budget=Budget(amount=1200))], "settings")
    results = await asyncio.gather(
        *(store.write(hold, quote(f"b{number}", "a1")) for number in range(10)), return_exceptions=True
    )
    assert sum(isinstance(each, CampaignsReserved) for each in results) == 2
    assert {each.code for each in results if isinstance(each, Refusal)} == {"budget_gone"}
    # Part of a budget is still there for a smaller basket.
    assert await store.write(hold, quote("small", "a1", amount=200)) is not None


async def test_coupons_of_one_campaign_count_together_and_paying_frees_the_basket(store: Journal) -> None:
    await store.write(campaigns.activate, [campaign("a1", limits=Limits(per_store_day=2))], "settings")
    two = quote("b1", "a1", "a1")
    fact = await store.write(hold, two)
    assert fact is not None
    assert fact.uses == (Use("a1", 2, 1000),)
    await store.write(pay, two, "o1")
    assert counted(store) == {"a1": {"store_day": 2, "uses": 2, "amount": 1000}}
    assert store.reads.all("SELECT * FROM campaign_reserved") == []
    assert await store.write(hold, quote("b2")) is None


async def test_persons_who_became_one_are_counted_as_one(store: Journal) -> None:
    await store.write(campaigns.activate, [campaign("a1", limits=Limits(per_member=1))], "settings")
    anna, again = await store.write(join, 1), await store.write(join, 2)
    await store.write(pay, quote("b1", "a1"), "o1", anna)
    await store.write(joining.link, MembersLinked(member=again, kin=anna, how="phone"))
    with pytest.raises(Refusal, match="limit_member "):
        await store.write(hold, quote("b2", "a1"), again)


async def test_a_first_order_is_cheaper_once_however_many_baskets_one_person_has(store: Journal) -> None:
    first = Condition(first_order=True)
    await store.write(campaigns.activate, [campaign("a1", when=first), campaign("b1", when=first)], "settings")
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await store.write(hold, quote("till-1", "a1"), anna)
    assert await store.write(hold, quote("till-1", "a1"), anna) is not None, "the same basket again"
    assert await store.write(hold, quote("till-3", "a1"), ben) is not None
    with pytest.raises(Refusal, match="limit_member "):
        await store.write(hold, quote("till-2", "b1"), anna)
    await store.write(release, "till-1")
    await store.write(hold, quote("till-2", "b1"), anna)
    await store.write(pay, quote("till-2", "b1"), "o1", anna)
    with pytest.raises(Refusal, match="limit_member "):
        await store.write(hold, quote("till-1", "a1"), anna)


def test_a_coupon_of_one_zone_is_good_everywhere_and_an_offer_of_one_zone_only_there() -> None:
    baby = Condition(zones=("baby",), touchpoints=("shelf-1",), screens=("screen-1",), min_spend=5)
    assert as_used(campaign("a1", when=baby, claim=True)).when == Condition(min_spend=5)
    assert as_used(campaign("a1", when=baby)).when == baby
