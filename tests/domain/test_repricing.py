"""Returns of goods that an offer made cheaper: what stays is priced anew, and what it costs more is kept back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Good
from edge.domain.campaigns.facts import CampaignPublished, CampaignsUsed, Use
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries, refunds
from edge.domain.orders.facts import OrderLine, OrderPaid
from edge.domain.orders.refunds import RefundRequest
from edge.domain.orders.repricing import terms_of, withheld_amount
from edge.domain.orders.rules import Order
from edge.domain.orders.rules import units as units_of
from pricing.basket import Basket, Counters, Goods, Line, Member, WalletCoupon
from pricing.campaigns import Budget, Bundle, Campaign, Condition, Limits, Off, Part, Percent, Price, Selector
from pricing.candidates import promotion
from pricing.document import Document, Return, answer
from pricing.price import price
from pricing.quote import Discount, Used
from pricing.returns import share
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.selling import BREAD, MILK, PRICES, TEA, TERMS, asked, back, filled, held, money, of_goods
from tests.pricing.random_baskets import case
from tests.rounds import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.journal.journal import Journal

SET = Campaign(
    id="set", benefit=Bundle(price=1500, parts=(Part(Selector(products=(MILK,))), Part(Selector(products=(BREAD,))))),
    when=Condition(hours=("11:00-14:00",), levels=("gold",)), on_return="reprice",
)  # fmt: skip
APPLES = Condition(goods=Selector(products=("A",)))
PER = Campaign(id="per", benefit=Off(500), when=Condition(min_spend=3000), stage="basket", on_return="reprice")


async def sold_with(store: Journal, campaign: Campaign, goods: dict[str, int], number: int = 1) -> Order:
    """Sold by one campaign, which says something else or is gone by the time that goods come back."""
    await store.write(lambda tx: tx.emit(CampaignPublished(campaign=campaign, version="v1")))
    member = await store.write(join, number)
    await filled(store, member, goods, f"b{number}")
    found = basket_queries.basket(store.reads, f"b{number}")
    assert found is not None
    shelf = {gtin: Goods(gtin=gtin, price=amount) for gtin, amount in PRICES.items()}
    when = msgspec.structs.replace(campaign.when, hours=(), levels=())
    offer = msgspec.structs.replace(campaign, when=when)
    quote = await held(store, member, price(found, catalogue=shelf, campaigns=(offer,), now_ms=SetClock.now))
    assert quote.discount
    payment = await asked(store, quote, f"p{number}")
    await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=TERMS)
    changed = msgspec.structs.replace(campaign, version=2, on_return="keep")
    await store.write(lambda tx: tx.emit(CampaignPublished(campaign=changed, version="v2")))
    order = queries.of_basket(store.reads, f"b{number}")
    assert order is not None
    return order


async def test_what_stays_of_a_set_costs_what_it_costs_alone_and_the_rest_comes_in_the_end(store: Journal) -> None:
    order = await sold_with(store, SET, {MILK: 1, BREAD: 1, TEA: 1})
    assert order.paid.total == 1500 + 333
    milk, bread, tea = (of_goods(order, gtin) for gtin in (MILK, BREAD, TEA))
    wanted = RefundRequest(order=order.order, units={milk: 1}, request="r1", by="staff/li", reason="r")
    told = refunds.amount(store.reads, order, wanted)
    first = await back(store, order, {milk: 1}, "r1")
    assert first.amount == told == 1500 - 890
    assert (await back(store, order, {milk: 1}, "r1")).already
    now = queries.order(store.reads, order.order)
    assert now is not None
    assert (await back(store, now, {tea: 1}, "r2")).amount == 333
    assert (await back(store, now, {bread: 1}, "r3")).amount == 890
    assert sum(each.amount for each in queries.refunds(store.reads, order.order)) == order.paid.total


@pytest.mark.parametrize("known", [True, False])
async def test_a_promotion_of_the_catalogue_does_not_keep_a_set_from_being_worked_out_anew(
    store: Journal, known: bool
) -> None:
    """Three teas for two beside a set: only where that catalogue is known no more, what was paid comes back."""
    tea = Goods(gtin=TEA, price=333, promo_buy=3, promo_pay=2)
    three = promotion(tea)
    assert three is not None
    await store.write(lambda tx: tx.emit(CampaignPublished(campaign=SET, version="v1")))
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1, BREAD: 1, TEA: 3})
    found = basket_queries.basket(store.reads, "b1")
    assert found is not None
    shelf = {gtin: Goods(gtin=gtin, price=amount) for gtin, amount in PRICES.items()} | {TEA: tea}
    offer = msgspec.structs.replace(SET, when=Condition())
    quote = await held(store, member, price(found, catalogue=shelf, campaigns=(offer,), now_ms=SetClock.now))
    assert quote.total == 1500 + 666
    terms = msgspec.structs.replace(TERMS, promotions=lambda _: (three,) if known else ())
    payment = await asked(store, quote)
    await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=terms)
    order = queries.of_basket(store.reads, "b1")
    assert order is not None
    milk, bread, teas = (of_goods(order, gtin) for gtin in (MILK, BREAD, TEA))
    paid_for_milk = next(line.pay for line in order.paid.lines if line.gtin == MILK)
    assert (await back(store, order, {milk: 1}, "r1")).amount == (1500 - 890 if known else paid_for_milk)
    now = queries.order(store.reads, order.order)
    assert now is not None
    assert (await back(store, now, {teas: 1}, "r2")).amount == (0 if known else 222)  # what stays costs two teas
    now = queries.order(store.reads, order.order)
    assert now is not None
    await back(store, now, {teas: 2, bread: 1}, "r3")
    assert sum(each.amount for each in queries.refunds(store.reads, order.order)) == quote.total


async def test_below_a_threshold_what_stays_costs_its_shelf_price_and_never_more_than_was_paid(store: Journal) -> None:
    order = await sold_with(store, PER, {MILK: 2, TEA: 2})
    assert order.paid.total == 2 * 1290 + 2 * 333 - 500
    tea, milk = of_goods(order, TEA), of_goods(order, MILK)
    assert (await back(store, order, {tea: 1}, "r1")).amount == 0  # what stays costs more than all that was paid
    assert (await back(store, order, {milk: 1}, "r2")).amount == order.paid.total - 1290 - 333
    assert (await back(store, order, {milk: 1, tea: 1}, "r3")).amount == 1290 + 333


def test_what_stays_of_weighed_goods_costs_its_kilogram_s_price() -> None:
    campaign = Campaign(id="kilo", benefit=Price(980), when=APPLES, stage="item", on_return="reprice")
    lines = tuple(
        OrderLine(name, "A", 1, shelf=shelf, pay=pay, grams=grams, unit=1280)
        for name, grams, shelf, pay in (("1", 1000, 1280, 980), ("2", 500, 640, 490))
    )
    paid = OrderPaid(
        basket="b", currency="CNY", total=1470, shelf=1920, discount=450, lines=lines, quote="", as_of_ms=0,
        terms=(campaign,),
    )  # fmt: skip
    order = Order("o", "", "", "paid", 0, paid, {}, 0, "", 0, "", None)
    assert withheld_amount(order, {"1": 1}, naive=980) == 0


def test_a_coupon_that_an_order_used_up_counts_for_what_stays_however_little_that_is() -> None:
    campaign = Campaign(id="ten", benefit=Off(1000), claim=True, on_return="reprice")
    lines = tuple(
        OrderLine(gtin, gtin, 1, shelf=shelf, pay=pay, unit=shelf)
        for gtin, shelf, pay in (("A", 1000, 286), ("B", 400, 114))
    )
    paid = OrderPaid(
        basket="b", currency="CNY", total=400, shelf=1400, discount=1000, lines=lines, quote="", as_of_ms=0,
        used=(Used(campaign="ten", coupon="ten#", amount=1000),), terms=(campaign,),
    )  # fmt: skip
    order = Order("o", "", "", "paid", 0, paid, {}, 0, "", 0, "", None)
    assert 286 - withheld_amount(order, {"A": 1}, naive=286) == 400


def sold(*campaigns: Campaign, **pays: tuple[int, int]) -> Order:
    """An order that these offers made cheaper: what each good cost on the shelf, and what was paid for it."""
    lines = tuple(
        OrderLine(gtin, gtin, 1, shelf=shelf, pay=pay, unit=shelf, no_offers=gtin == "W")
        for gtin, (shelf, pay) in pays.items()
    )
    total, shelf = sum(line.pay for line in lines), sum(line.shelf for line in lines)
    paid = OrderPaid(
        basket="b", currency="CNY", total=total, shelf=shelf, discount=shelf - total, lines=lines, quote="", as_of_ms=0,
        terms=campaigns,
    )  # fmt: skip
    return Order("o", "", "", "paid", 0, paid, {}, 0, "", 0, "", None)


FIVE = Campaign(id="five", benefit=Off(500), when=Condition(min_spend=2500), group="tiers", on_return="reprice")
ONE = Campaign(id="one", benefit=Off(100), when=Condition(min_spend=1000), group="tiers")


def test_what_cannot_be_had_costs_nobody_the_offer_neither_then_nor_with_what_comes_back_later() -> None:
    order = sold(FIVE, A=(1500, 1200), B=(1000, 800))
    assert withheld_amount(order, {"B": 1}, naive=800) == 300, "who brings it back pays the shelf price of what stays"
    assert withheld_amount(order, {"B": 1}, naive=800, absent=True) == 0
    later = msgspec.structs.replace(order, returned={"B": 1}, absent={"B": 1}, refunded=800)
    assert withheld_amount(later, {"A": 1}, naive=1200) == 0, "in the end all of it is what was paid"


async def test_what_staff_cannot_find_is_paid_back_at_its_share(store: Journal) -> None:
    member = await store.write(join, 1)
    await store.write(lambda tx: tx.emit(CampaignPublished(campaign=SET, version="v1")))
    for gtin, away in ((MILK, ""), (BREAD, "room"), (TEA, "")):
        good = Good(gtin=gtin, price=PRICES[gtin], away=away)
        await store.write(baskets.add, caller=by(member), basket="b1", good=good, request=gtin)
    found = basket_queries.basket(store.reads, "b1")
    assert found is not None
    shelf = {gtin: Goods(gtin=gtin, price=amount) for gtin, amount in PRICES.items()}
    offer = msgspec.structs.replace(SET, when=Condition())
    quote = await held(store, member, price(found, catalogue=shelf, campaigns=(offer,), now_ms=SetClock.now))
    settled = await store.write(
        orders.settle, payment=await asked(store, quote), evidence=money(quote.total), terms=TERMS
    )
    order = queries.order(store.reads, settled.order)
    assert order is not None
    milk, bread, tea = (of_goods(order, gtin) for gtin in (MILK, BREAD, TEA))
    share = next(line.pay for line in order.paid.lines if line.gtin == BREAD)
    assert (await back(store, order, {bread: 1}, "r1", kind="absent")).amount == share
    assert (await back(store, order, {tea: 1}, "r2")).amount == 333, "what comes back later does not pay for it either"
    assert (await back(store, order, {milk: 1}, "r3")).amount == 1500 - share


def test_a_lower_tier_of_the_day_is_given_to_what_stays() -> None:
    order = sold(FIVE, ONE, A=(1500, 1200), B=(1000, 800))
    assert withheld_amount(order, {"B": 1}, naive=800) == 800 - (2000 - 1400)


def test_goods_that_take_no_offers_count_for_none_of_what_stays() -> None:
    order = sold(FIVE, A=(1500, 1200), B=(1000, 800), W=(3000, 3000))
    assert withheld_amount(order, {"B": 1}, naive=800) == 300


def test_a_coupon_that_came_back_makes_nothing_cheaper_that_stays() -> None:
    coupon = Campaign(id="one-yuan", benefit=Price(100, times=1), stage="item", claim=True, on_return="reprice")
    order = sold(coupon, A=(1000, 100), B=(900, 900))
    lines = (
        msgspec.structs.replace(order.paid.lines[0], discounts=(Discount("one-yuan", 900, "one-yuan#"),)),
        order.paid.lines[1],
    )
    used = (Used(campaign="one-yuan", coupon="one-yuan#", amount=900),)
    order = msgspec.structs.replace(order, paid=msgspec.structs.replace(order.paid, lines=lines, used=used))
    assert withheld_amount(order, {"A": 1}, naive=100) == 0, "it is in the wallet again, and B costs what it costs"
    assert withheld_amount(order, {"B": 1}, naive=900) == 0


async def test_what_was_used_as_a_coupon_is_kept_as_one(store: Journal) -> None:
    """Its campaign applied by itself later, and was withdrawn."""
    now = msgspec.structs.replace(FIVE, claim=False)
    await store.write(lambda tx: tx.emit(CampaignPublished(campaign=now, version="v2")))
    had = msgspec.structs.replace(FIVE, claim=True)
    basket, catalogue = Basket(id="b", lines=(Line("1", MILK, 3),)), {MILK: Goods(gtin=MILK, price=1000)}
    wallet = [WalletCoupon(coupon="five#", campaign="five")]
    quote = price(basket, catalogue=catalogue, campaigns=(had,), wallet=wallet, now_ms=SetClock.now)
    assert [(each.id, each.claim) for each in terms_of(store.reads, quote, "", SetClock.now)] == [("five", True)]


async def test_an_order_keeps_of_its_offers_what_earlier_ones_left_of_them(store: Journal) -> None:
    """Of what is sold only so often at that price, no more pieces have it once some come back."""
    once = Limits(per_member=2)
    deal = Campaign(
        id="deal", benefit=Price(500), limits=once, stage="item", group="g", on_return="reprice", priority=1
    )
    less = Campaign(id="less", benefit=Percent(500), limits=once, budget=Budget(amount=300), stage="item", group="g")
    member = await store.write(join, 1)
    used = CampaignsUsed(order="o0", day="2026-01-01", member=member, uses=(Use("deal", 1, 0), Use("less", 1, 100)))
    for fact in (*(CampaignPublished(campaign=each, version="v1") for each in (deal, less)), used):
        await store.write(lambda tx, fact=fact: tx.emit(fact))
    basket = Basket(id="b", lines=(Line("1", MILK, 3),))
    quote = price(
        basket, catalogue={MILK: Goods(gtin=MILK, price=1000)}, campaigns=(deal, less), now_ms=SetClock.now,
        member=Member(id=member), counters={"deal": Counters(member=1), "less": Counters(member=1, amount=100)},
    )  # fmt: skip
    assert quote.total == 2500
    kept_terms = terms_of(store.reads, quote, member, SetClock.now)
    assert [(each.id, each.limits.per_order, each.budget.amount) for each in kept_terms] == [
        ("deal", 1, None), ("less", 1, 200)
    ]  # fmt: skip
    order = sold(*kept_terms, A=(3000, 2500))
    line = msgspec.structs.replace(order.paid.lines[0], quantity=3, unit=1000)
    order = msgspec.structs.replace(order, paid=msgspec.structs.replace(order.paid, lines=(line,)))
    assert 833 - withheld_amount(order, {"A": 1}, naive=833) == 1000


async def test_what_comes_back_unit_by_unit_is_what_offers_price_says(store: Journal) -> None:
    """On baskets and offers by chance; in the end all of it is what was paid."""
    for seed in range(rounds(60)):
        by_chance, dice = case(seed), random.Random(seed)
        campaigns = [msgspec.structs.replace(each, on_return="reprice") for each in by_chance.campaigns]
        document = Document(
            products=tuple(by_chance.catalogue.values()), basket=by_chance.basket, now=SetClock.now,
            campaigns=tuple(campaigns), wallet=tuple(by_chance.wallet),
        )  # fmt: skip
        quote = answer(document).quote
        units = [line.id for line in quote.lines for _ in range(line.quantity)]
        dice.shuffle(units)
        await store.write(
            lambda tx, all_of=campaigns: [tx.emit(CampaignPublished(campaign=each, version="v")) for each in all_of]
        )
        told = [
            each.money for each in answer(msgspec.structs.replace(document, returns=tuple(map(Return, units)))).returns
        ]
        order = sold(*terms_of(store.reads, quote, "", SetClock.now))
        lines = tuple(
            OrderLine(**{name: getattr(line, name) for name in line.__struct_fields__}) for line in quote.lines
        )
        paid = msgspec.structs.replace(
            order.paid, lines=lines, total=quote.total, as_of_ms=quote.as_of_ms, used=quote.used
        )
        assert [*_given_back(msgspec.structs.replace(order, paid=paid), units, by_chance.catalogue)] == told, seed
        assert sum(told) == quote.total


def _given_back(order: Order, units: list[str], goods: dict[str, Goods]) -> Iterator[int]:
    for name in units:
        line, before = next(each for each in order.paid.lines if each.id == name), order.returned.get(name, 0)
        naive = share(line.pay, units_of(line.quantity, line.grams), before)
        money = naive - withheld_amount(order, {name: 1}, naive, goods=goods)
        order = msgspec.structs.replace(
            order, returned=order.returned | {name: before + 1}, refunded=order.refunded + money
        )
        yield money
