"""A wallet never eats a coupon: what each state is, who may change it, and that no coupon is used twice."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import queries as campaign_queries
from edge.domain.campaigns.facts import CampaignPaused, CampaignPublished, CampaignWithdrawn
from edge.domain.coupons import coupon_facts, reminding, sources
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons import wallet as wallets
from edge.domain.coupons.facts import CouponClaimed, CouponEnded, OfferClaimed
from edge.domain.coupons.rules import ClaimRules, ClaimSource, coupon_id
from edge.domain.members import joining
from edge.domain.members import queries as members
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries as order_queries
from edge.errors import Refusal
from edge.gateway.card_pack import PackUnavailable, WalletPass, hand_over
from edge.journal.queries import newest
from edge.web.views import offers as offer_views
from pricing.campaigns import Budget, Campaign, Condition, Limits, Off
from pricing.quote import Discount, Used, sealed
from tests.callers import browser_of, by
from tests.domain.conftest import SetClock, join
from tests.domain.selling import MILK, TEA, TERMS, asked, back, filled, held, money, quoted

if TYPE_CHECKING:
    from edge.domain.coupons.rules import OwnedCoupon
    from edge.domain.orders.rules import Order
    from edge.journal import Tx
    from edge.journal.journal import Journal

DAY_MS = 86_400_000
NOW = SetClock.now
WORDS = {"zh-CN": "减五元", "en": "5 off"}


def campaign(name: str = "five", *, each: int | None = None, stock: int | None = 3, **when: int | None) -> Campaign:
    return Campaign(
        id=name,
        benefit=Off(500),
        when=Condition(zones=("baby",), from_ms=when.get("begins"), until_ms=when.get("ends")),
        claim=True,
        limits=Limits(per_member=each),
        budget=Budget(uses=stock),
        words=WORDS,
    )


async def publish(store: Journal, *campaigns: Campaign) -> None:
    def emit(tx: Tx) -> None:
        for each in campaigns:
            tx.emit(CampaignPublished(campaign=each, version="v"))

    await store.write(emit)


async def claim(store: Journal, name: str, member: str, number: int = 1) -> str:
    made = await store.write(
        coupons.claim,
        coupon=name,
        caller=by(member),
        hand=ClaimSource("screen-baby", f"live-{number}", f"phone-{member}-{number}"),
        request=f"r-{name}-{member}-{number}",
        rules=ClaimRules(live_code=1000, printed_an_hour=1000, printed_share=1.0),
    )
    return made.kept


def hold(tx: Tx, *, coupon: str, member: str, basket: str) -> int:
    """As the decision that holds a basket does it. Returns how many it reserved."""
    facts = coupon_facts.reserving(tx, [coupon], basket=basket, member=member, now_ms=tx.now)
    for fact in facts:
        tx.emit(fact)
    return len(facts)


def let_go(tx: Tx, *, basket: str) -> None:
    for fact in coupon_facts.releasing(tx, basket):
        tx.emit(fact)


def pay(tx: Tx, *, coupon: str, basket: str, order: str) -> int:
    facts = coupon_facts.redeeming(tx, [coupon], basket=basket, order=order)
    for fact in facts:
        tx.emit(fact)
    return len(facts)


def bring_back(tx: Tx, *, coupon: str, order: str) -> int:
    facts = coupon_facts.returning(tx, [coupon], order=order, now_ms=tx.now)
    for fact in facts:
        tx.emit(fact)
    return len(facts)


async def owner(store: Journal, begins: int | None = None, ends: int | None = None) -> tuple[str, str]:
    """Anna, with a coupon."""
    await publish(store, campaign(begins=begins, ends=ends))
    anna = await store.write(join, 1)
    return anna, await claim(store, "five", anna)


def only(store: Journal, member: str, clock: SetClock) -> OwnedCoupon:
    (found,) = wallets.wallet(store.reads, member, clock.now)
    return found


async def test_what_is_sent_again_is_no_second_coupon_where_one_may_have_two(store: Journal) -> None:
    await publish(store, campaign(each=2))
    anna = await store.write(join, 1)
    names = [await claim(store, "five", anna, number) for number in (1, 1, 2, 2)]
    assert names[0] == names[1] != names[2] == names[3]
    assert len(store.reads.all("SELECT 1 FROM wallet")) == 2


@pytest.mark.parametrize(
    ("days", "begins", "ends", "good"),
    [(0, None, None, None), (0, None, 9, 9), (7, None, None, 8), (7, None, 3, 3), (7, 2, None, 10), (1, 2, 30, 4)],
)
async def test_a_coupon_may_be_good_for_some_days_after_it_was_claimed(
    store: Journal, clock: SetClock, days: int, begins: int | None, ends: int | None, good: int | None
) -> None:
    """To the end of the store's day. `begins`, `ends` and `good` are midnights, counted from that of today on."""
    midnight = clock.now // DAY_MS * DAY_MS
    begin, end, until = (None if day is None else midnight + day * DAY_MS for day in (begins, ends, good))
    found = campaign(begins=begin, ends=end)
    await publish(store, msgspec.structs.replace(found, claim_days=days))
    anna = await store.write(join, 1)
    await claim(store, "five", anna)
    assert only(store, anna, clock).until_ms == until
    given = coupon_facts.granting(store.reads, "five", anna, request="g", why="o", now_ms=clock.now)
    assert given is not None
    assert [fact.until_ms for fact in given.facts if isinstance(fact, CouponClaimed)] == [until]


async def test_a_campaign_that_is_a_coupon_is_claimed_in_its_zone_and_counted(store: Journal, clock: SetClock) -> None:
    anna, coupon = await owner(store)
    assert coupon == coupon_id("five", anna, 1)
    offered = {each.coupon: each for each in coupon_queries.on_offer(store.reads, "baby", clock.now)}
    assert offered["five"].claimed == 1
    assert coupon_queries.on_offer(store.reads, "entrance", clock.now) == []
    assert (only(store, anna, clock).state, only(store, anna, clock).why) == ("now", "now")
    assert [(each.coupon, each.campaign) for each in wallets.usable(store.reads, anna, clock.now)] == [(coupon, "five")]


@pytest.mark.parametrize(
    ("named", "at_screen"),
    [({"touchpoints": ("screen-fresh",)}, False), ({"screens": ("screen-fresh", "screen-baby")}, True)],
)
async def test_a_coupon_of_some_codes_or_screens_is_claimed_there_alone(
    store: Journal, named: dict[str, Any], *, at_screen: bool
) -> None:
    found = campaign()
    await publish(store, msgspec.structs.replace(found, when=msgspec.structs.replace(found.when, **named)))
    anna = await store.write(join, 1)
    coupon = coupon_queries.coupon(store.reads, "five")
    assert coupon is not None
    assert coupon.is_of("baby")
    assert coupon.is_of("baby", "screen-baby") is at_screen
    if at_screen:
        assert await claim(store, "five", anna)
    else:
        with pytest.raises(Refusal, match="coupon_elsewhere"):
            await claim(store, "five", anna)


async def test_who_may_have_two_gets_two_and_no_third(store: Journal, clock: SetClock) -> None:
    await publish(store, campaign(each=2))
    anna = await store.write(join, 1)
    first, second, third = [await claim(store, "five", anna, number) for number in (1, 2, 3)]
    assert len({first, second}) == 2
    assert third in {first, second}
    assert len(wallets.usable(store.reads, anna, clock.now)) == 2


async def test_two_baskets_want_one_coupon_and_the_same_basket_wants_it_twice(store: Journal, clock: SetClock) -> None:
    anna, coupon = await owner(store)
    tries = await asyncio.gather(
        *(store.write(hold, coupon=coupon, member=anna, basket=basket) for basket in ("b1", "b2")),
        return_exceptions=True,
    )
    refused = [each.code for each in tries if isinstance(each, Refusal)]
    assert refused == ["coupon_reserved"]
    winner = only(store, anna, clock).basket
    assert await store.write(hold, coupon=coupon, member=anna, basket=winner) == 0
    assert await store.write(pay, coupon=coupon, basket=winner, order="o1") == 1
    assert await store.write(pay, coupon=coupon, basket=winner, order="o1") == 0
    with pytest.raises(Refusal, match="coupon_used"):
        await store.write(hold, coupon=coupon, member=anna, basket="b3")
    assert wallets.usable(store.reads, anna, clock.now) == []


async def test_a_basket_that_is_let_go_gives_its_coupons_back(store: Journal, clock: SetClock) -> None:
    anna, coupon = await owner(store)
    await store.write(hold, coupon=coupon, member=anna, basket="b1")
    assert only(store, anna, clock).state == "reserved"
    await store.write(let_go, basket="b2")
    assert only(store, anna, clock).state == "reserved"
    await store.write(let_go, basket="b1")
    assert only(store, anna, clock).state == "now"
    assert await store.write(hold, coupon=coupon, member=anna, basket="b2") == 1


async def test_money_that_came_late_leaves_the_coupon_where_it_went(store: Journal) -> None:
    anna, coupon = await owner(store)
    await store.write(hold, coupon=coupon, member=anna, basket="b1")
    await store.write(let_go, basket="b1")
    await store.write(hold, coupon=coupon, member=anna, basket="b2")
    assert await store.write(pay, coupon=coupon, basket="b1", order="o1") == 0
    assert await store.write(pay, coupon=coupon, basket="b2", order="o2") == 1


async def test_what_is_brought_back_whole_brings_its_coupon_back_while_it_lasts(
    store: Journal, clock: SetClock
) -> None:
    anna, coupon = await owner(store, ends=NOW + DAY_MS)
    await store.write(hold, coupon=coupon, member=anna, basket="b1")
    await store.write(pay, coupon=coupon, basket="b1", order="o1")
    assert (only(store, anna, clock).state, only(store, anna, clock).order) == ("used", "o1")
    assert await store.write(bring_back, coupon=coupon, order="another") == 0
    assert await store.write(bring_back, coupon=coupon, order="o1") == 1
    assert only(store, anna, clock).state == "now"
    await store.write(hold, coupon=coupon, member=anna, basket="b2")
    await store.write(pay, coupon=coupon, basket="b2", order="o2")
    clock.now = NOW + DAY_MS
    assert await store.write(bring_back, coupon=coupon, order="o2") == 0
    assert only(store, anna, clock).state == "used"


async def test_somebody_else_s_coupon_is_none(store: Journal) -> None:
    _, coupon = await owner(store)
    ben = await store.write(join, 2)
    with pytest.raises(Refusal, match="coupon_unknown"):
        await store.write(hold, coupon=coupon, member=ben, basket="b1")
    with pytest.raises(Refusal, match="coupon_unknown"):
        await store.write(coupons.pack, coupon=coupon, caller=by(ben), pack="wechat", card="c1")
    assert wallets.owned_coupon(store.reads, ben, coupon, NOW) is None


async def test_later_then_now_then_ended_each_told_once(store: Journal, clock: SetClock) -> None:
    begins, ends = NOW + DAY_MS, NOW + 5 * DAY_MS
    anna, coupon = await owner(store, begins=begins, ends=ends)
    told: list[tuple[str, str]] = []
    for at, state in ((NOW, "later"), (begins, "now"), (ends - DAY_MS, "now"), (ends - 1, "now"), (ends, "ended")):
        clock.now = at
        await store.write(reminding.on_tick)
        await store.write(reminding.on_tick)
        told.append((only(store, anna, clock).state, state))
    assert [found for found, _ in told] == [state for _, state in told]
    facts = [entry.type for entry in newest(store.reads, 50)]
    assert facts.count("coupon.reminded.v1") == 2
    assert facts.count("coupon.ended.v1") == 1
    with pytest.raises(Refusal, match="coupon_ended"):
        await store.write(hold, coupon=coupon, member=anna, basket="b1")


async def test_a_coupon_cannot_be_used_before_its_time(store: Journal) -> None:
    anna, coupon = await owner(store, begins=NOW + DAY_MS)
    with pytest.raises(Refusal, match="coupon_not_yet"):
        await store.write(hold, coupon=coupon, member=anna, basket="b1")


async def test_what_was_promised_stays_and_what_staff_stopped_waits(store: Journal, clock: SetClock) -> None:
    anna, coupon = await owner(store)
    ben = await store.write(join, 2)
    await store.write(lambda tx: tx.emit(CampaignPaused(campaign="five", by="li", reason="wrong_price")))
    assert (only(store, anna, clock).state, only(store, anna, clock).why) == ("later", "paused")
    with pytest.raises(Refusal, match="coupon_ended"):
        await claim(store, "five", ben)
    await store.write(lambda tx: tx.emit(CampaignWithdrawn(campaign="five")))
    assert (only(store, anna, clock).state, only(store, anna, clock).why) == ("later", "paused")
    assert wallets.campaigns_of(store.reads, anna) == ()
    for resumed in (True, False, True):  # for as long as somebody has its coupon
        assert [each.campaign.id for each in campaign_queries.withdrawn_with_coupons(store.reads)] == ["five"]
        decide, more = (campaigns.resume, {}) if resumed else (campaigns.pause, {"reason": "wrong_price"})
        assert await store.write(decide, campaign="five", by="li", **more)
        assert only(store, anna, clock).state == ("now" if resumed else "later")
    assert [each.id for each in wallets.campaigns_of(store.reads, anna)] == ["five"]
    assert wallets.campaigns_of(store.reads, ben) == ()
    await store.write(lambda tx: tx.emit(CouponEnded(coupon=coupon, why="time")))
    assert campaign_queries.withdrawn_with_coupons(store.reads) == []
    with pytest.raises(Refusal, match="campaign_unknown"):
        await store.write(campaigns.pause, campaign="five", by="li", reason="wrong_price")


async def test_a_coupon_stays_when_its_campaign_applies_by_itself_and_when_that_ends(
    store: Journal, clock: SetClock
) -> None:
    anna, coupon = await owner(store)
    await publish(store, msgspec.structs.replace(campaign(), claim=False))
    assert (only(store, anna, clock).id, only(store, anna, clock).state) == (coupon, "now")
    assert sources.offered_by(store.reads, ["five"]) == {}  # nothing of it is counted by what was claimed
    ben = await store.write(join, 2)
    with pytest.raises(Refusal, match="coupon_unknown"):
        await claim(store, "five", ben)
    await store.write(lambda tx: tx.emit(CampaignWithdrawn(campaign="five")))
    assert only(store, anna, clock).state == "now"
    assert coupon_queries.coupon(store.reads, "five") is None  # nobody else gets one
    (promised,) = wallets.campaigns_of(store.reads, anna)
    assert promised.claim


async def test_a_coupon_that_is_given_is_given_once_for_one_thing(store: Journal) -> None:
    await publish(store, campaign(each=5))
    anna = await store.write(join, 1)

    def give(tx: Tx, *, why: str) -> bool:
        made = coupon_facts.granting(tx, "five", anna, request="r", why=why, now_ms=tx.now)
        for fact in made.facts if made else ():
            tx.emit(fact)
        return made is not None

    assert [await store.write(give, why=why) for why in ("order o1", "order o1", "order o2")] == [True, False, True]
    (given,) = coupon_facts.given_for(store.reads, anna, "order o1")

    def take_back(tx: Tx) -> None:
        for fact in coupon_facts.ending(tx, [given], "returned"):
            tx.emit(fact)

    await store.write(take_back)
    states = {each.id: (each.state, each.why) for each in wallets.wallet(store.reads, anna, NOW)}
    assert states[given] == ("ended", "returned")


async def test_an_old_claim_is_a_coupon_of_the_campaign_that_took_its_offer_s_name(
    store: Journal, clock: SetClock
) -> None:
    anna = await store.write(join, 1)
    await store.write(
        lambda tx: tx.emit(OfferClaimed(coupon="milk", member=anna, touchpoint="screen-baby", request="r", live="x"))
    )
    assert only(store, anna, clock).why == "till"
    await store.write(coupons.offer, [])
    await publish(store, campaign("milk", stock=2))
    kept = only(store, anna, clock)
    assert (kept.state, kept.why, kept.id) == ("now", "now", coupon_id("milk", anna, 1))
    assert kept.of.claimed == 1
    assert await claim(store, "milk", anna) == kept.id


async def test_another_wallet_has_it_as_well_and_that_is_noted_once(store: Journal, clock: SetClock) -> None:
    anna, coupon = await owner(store)
    assert await store.write(coupons.pack, coupon=coupon, caller=by(anna), pack="wechat", card="c1")
    assert not await store.write(coupons.pack, coupon=coupon, caller=by(anna), pack="wechat", card="c1")
    assert only(store, anna, clock).packs == ("wechat",)


class Pack:
    """WeChat's card pack as far as the store sees it: it keeps a card once, and is away when told so."""

    name = "wechat"

    def __init__(self) -> None:
        self.cards: dict[str, WalletPass] = {}
        self.away = False

    def put(self, card: WalletPass) -> str:
        if self.away:
            raise PackUnavailable("the card pack did not answer")
        self.cards[card.coupon] = card
        return f"card-{len(self.cards)}"


async def test_the_card_pack_gets_a_coupon_once_and_nothing_of_its_owner(store: Journal, clock: SetClock) -> None:
    anna, coupon = await owner(store)
    given: dict[str, Any] = {"caller": by(anna), "coupon": coupon, "now_ms": clock.now}
    pack = Pack()
    pack.away = True
    with pytest.raises(PackUnavailable):
        await hand_over(store.write, store.reads, pack, **given)
    assert only(store, anna, clock).packs == ()
    pack.away = False
    assert await hand_over(store.write, store.reads, pack, **given)
    assert not await hand_over(store.write, store.reads, pack, **given)
    assert only(store, anna, clock).packs == ("wechat",)
    (card,) = pack.cards.values()
    assert anna not in repr(card)
    await store.write(hold, coupon=coupon, member=anna, basket="b1")
    await store.write(pay, coupon=coupon, basket="b1", order="o1")
    with pytest.raises(Refusal, match="coupon_used"):
        await hand_over(store.write, store.reads, pack, **given)


async def sold(store: Journal, member: str, basket: str, used: Used) -> Order:
    """An order of two goods, of which a coupon makes the first cheaper."""
    await filled(store, member, {MILK: 1, TEA: 1}, basket)
    quote = quoted(store, basket)
    first = quote.lines[0]
    if used.amount:
        off = Discount(used.campaign, used.amount, used.coupon)
        first = msgspec.structs.replace(first, discounts=(off,), pay=first.pay - used.amount)
    total = quote.total - used.amount
    lines = (first, *quote.lines[1:])
    quote = sealed(msgspec.structs.replace(quote, lines=lines, used=(used,), total=total, discount=used.amount))
    payment = await asked(store, await held(store, member, quote), f"p-{basket}")
    settled = await store.write(orders.settle, payment=payment, evidence=money(total), terms=TERMS)
    found = order_queries.order(store.reads, settled.order)
    assert found is not None
    return found


async def test_a_coupon_that_came_back_pays_again_though_each_person_has_one(store: Journal, clock: SetClock) -> None:
    await publish(store, campaign(each=1, stock=1))
    anna = await store.write(join, 1)
    used = Used("five", 500, await claim(store, "five", anna))
    order = await sold(store, anna, "b1", used)
    await back(store, order, {line.id: 1 for line in order.paid.lines}, "r1")
    assert only(store, anna, clock).state == "now"
    again = await sold(store, anna, "b2", used)
    assert (only(store, anna, clock).state, only(store, anna, clock).order) == ("used", again.order)
    before = campaign_queries.uses(store.reads, member=anna, day="", now_ms=clock.now)["five"]
    assert (before.member, before.uses) == (1, 0)


async def test_a_coupon_that_gave_points_is_back_once_all_is(store: Journal, clock: SetClock) -> None:
    await publish(store, campaign())
    anna = await store.write(join, 1)
    order = await sold(store, anna, "b1", Used("five", 0, await claim(store, "five", anna), points=50))
    for line, state in zip(order.paid.lines, ("used", "now"), strict=True):
        await back(store, order, {line.id: 1}, f"r-{line.id}")
        assert only(store, anna, clock).state == state


async def test_a_coupon_has_a_name_of_its_own_also_after_persons_were_one_for_a_day(store: Journal) -> None:
    await publish(store, campaign(each=9, stock=None))
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    names = {await claim(store, "five", anna, 1), await claim(store, "five", ben, 2)}
    session = browser_of(ben).session
    await store.write(joining.confirm, staff="li", session=session, owner=anna, evidence="member_card", most=1)
    names.add(await claim(store, "five", anna, 3))
    (link,) = members.confirmed_links(store.reads, 0)
    await store.write(joining.take_back, caller=by(anna), link=link.link)
    names |= {await claim(store, "five", anna, number) for number in (4, 5)}
    assert len(names) == 5


async def test_of_two_that_became_one_s_coupons_that_is_shown_which_is_used_first(
    store: Journal, clock: SetClock
) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await publish(store, campaign(ends=NOW + DAY_MS))
    first = await claim(store, "five", anna)
    clock.now += 1000
    await publish(store, campaign(ends=NOW + 9 * DAY_MS))
    await claim(store, "five", ben)
    session = browser_of(ben).session
    await store.write(joining.confirm, staff="li", session=session, owner=anna, evidence="member_card", most=1)
    assert only(store, anna, clock).id == first


async def test_one_phone_saves_as_many_as_one_person_may_have(store: Journal) -> None:
    await publish(store, campaign(each=2))
    anna, ben = await store.write(join, 1), await store.write(join, 2)

    async def again(member: str, number: int) -> str:
        made = await store.write(
            coupons.claim,
            coupon="five",
            caller=by(member),
            hand=ClaimSource("screen-baby", f"live-{number}", "phone"),
            request=f"r-{number}",
            rules=ClaimRules(),
        )
        return made.kept

    assert len({await again(anna, 1), await again(anna, 2)}) == 2
    with pytest.raises(Refusal, match="coupon_taken_here"):
        await again(ben, 3)


async def test_a_coupon_in_the_wallet_ends_when_it_says_and_not_when_its_campaign_does(
    store: Journal, clock: SetClock
) -> None:
    anna, _ = await owner(store, ends=NOW + 9 * DAY_MS)
    await publish(store, campaign(ends=NOW + 1))
    clock.now += DAY_MS
    assert only(store, anna, clock).state == "now"
    web: Any = SimpleNamespace(products=SimpleNamespace(current=None), offering=SimpleNamespace(worth=lambda *_: None))
    assert offer_views.offer_of_owned(web, only(store, anna, clock), clock.now).state == "ready"
    clock.now += 8 * DAY_MS - 3_600_000
    kept = only(store, anna, clock)
    assert (kept.state, kept.why, kept.until_ms) == ("now", "now", NOW + 9 * DAY_MS)
    assert offer_views.offer_of_owned(web, kept, clock.now).state == "ending"
