"""Orders: sold once and whole, by what was held; units come back by their share, to the last unit of money."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Good
from edge.domain.campaigns.facts import CampaignPublished, CampaignsUsed, Use
from edge.domain.ledger.facts import PointsBooked
from edge.domain.ledger.queries import balance
from edge.domain.members import erasure, joining
from edge.domain.members.facts import MembersLinked
from edge.domain.orders import decisions as orders
from edge.domain.orders import needs, queries, refunds
from edge.domain.orders.facts import OrderLine, OrderPaid
from edge.domain.orders.refunds import RefundRequest
from edge.domain.orders.repricing import terms_of, withheld_amount
from edge.domain.orders.rules import (
    DAY_MS,
    GIVEN_MS,
    Order,
    OrderRules,
    Terms,
    Trust,
    audit_reason,
    number_of,
    read_number,
)
from edge.domain.orders.rules import units as units_of
from edge.domain.payments import decisions as payments
from edge.domain.payments.rules import LAST_ANSWER_MS, Evidence, PaymentRequest, RefundAnswer
from edge.errors import Refusal
from pricing.allocation import allocate
from pricing.basket import Basket, Counters, Goods, Line, Member, WalletCoupon
from pricing.campaigns import (
    Budget,
    Bundle,
    Campaign,
    Condition,
    Limits,
    Off,
    Part,
    Percent,
    Price,
    Selector,
)
from pricing.candidates import promotion
from pricing.document import Document, Return, answer
from pricing.price import price
from pricing.quote import Discount, PointsPart, Quote, Used, sealed
from pricing.returns import share
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.pricing.random_baskets import case
from tests.rounds import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.domain.payments.rules import RefundState
    from edge.journal.journal import Journal

MILK, TEA, BREAD, WINE = "06901234567892", "06901234567908", "06901234567915", "06901234567922"
PRICES = {MILK: 1290, TEA: 333, BREAD: 890, WINE: 2680}
TERMS = Terms(OrderRules(audit_share=0), lambda _basket: 0.5)
RULES = OrderRules()


async def filled(store: Journal, member: str, goods: dict[str, int], basket: str = "b1") -> None:
    for gtin, quantity in goods.items():
        good = Good(gtin=gtin, price=PRICES[gtin], quantity=quantity)
        await store.write(baskets.add, caller=by(member), basket=basket, good=good, request=f"{basket}-{gtin}")


def quoted(store: Journal, basket: str = "b1", off: int = 0, points: int = 0) -> Quote:
    """What the basket costs with so much off it, and so many points used, each shared out over its lines."""
    found = basket_queries.basket(store.reads, basket)
    assert found is not None
    shelf = {
        gtin: Goods(gtin=gtin, price=amount, tax_bp=1300, no_offers=gtin == WINE) for gtin, amount in PRICES.items()
    }
    quote = price(found, catalogue=shelf, campaigns=(), now_ms=SetClock.now)
    shares = allocate(off, [line.shelf for line in quote.lines])
    burned = allocate(points, [line.shelf - share for line, share in zip(quote.lines, shares, strict=True)])
    lines = tuple(
        msgspec.structs.replace(
            line,
            discounts=(Discount("ten", share),) if share else (),
            burned=worth,
            points=worth,
            pay=line.shelf - share - worth,
        )
        for line, share, worth in zip(quote.lines, shares, burned, strict=True)
    )
    total = quote.shelf - off - points
    earning = sum(line.pay for line in lines if not line.no_offers)
    part = PointsPart(burned=points, worth=points, will_earn=earning // 100)
    return sealed(msgspec.structs.replace(quote, lines=lines, total=total, discount=off, points=part))


async def held(store: Journal, member: str, quote: Quote) -> Quote:
    await store.write(holding.hold, caller=by(member), basket=quote.basket, quote=quote, seen=quote.total)
    return quote


async def asked(store: Journal, quote: Quote, request: str = "p1") -> str:
    made = await store.write(payments.ask, PaymentRequest(basket=quote.basket, port="simulated", request=request))
    return made.payment.payment


def money(amount: int, currency: str = "CNY") -> Evidence:
    return Evidence(amount=amount, currency=currency, by="port", reference="t1")


async def bought(store: Journal, goods: dict[str, int], *, off: int = 0, points: int = 0, number: int = 1) -> Order:
    member = await store.write(join, number)
    basket = f"b{number}"
    if points:
        given = PointsBooked(member=member, points=5000, reason="goodwill", key=f"g{number}")
        await store.write(lambda tx: tx.emit(given))
    await filled(store, member, goods, basket)
    quote = await held(store, member, quoted(store, basket, off, points))
    payment = await asked(store, quote, f"p{number}")
    settled = await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=TERMS)
    found = queries.order(store.reads, settled.order)
    assert settled.outcome == "paid"
    assert found is not None
    return found


def kinds(store: Journal, *nouns: str) -> list[str]:
    return [entry.type for entry in store.after(0, 1000) if entry.type.split(".")[0] in nouns]


async def back(
    store: Journal, order: Order, units: dict[str, int], request: str, **more: Any
) -> refunds.RefundDecision:
    wanted = RefundRequest(order=order.order, units=units, request=request, by="staff/li", reason="不新鲜", **more)
    return await store.write(refunds.refund, wanted=wanted, rules=RULES)


async def test_what_was_held_is_sold_in_one_decision(store: Journal) -> None:
    order = await bought(store, {MILK: 2, TEA: 1}, off=100)
    assert kinds(store, "order", "payment")[-2:] == ["payment.paid.v1", "order.paid.v1"]
    assert order.paid.total == 2 * 1290 + 333 - 100 == sum(line.pay for line in order.paid.lines)
    assert [line.quantity for line in order.paid.lines] == [2, 1]
    assert order.paid.paid[0].amount == order.paid.total
    basket = basket_queries.now(store.reads, "b1")
    assert basket is not None
    assert (basket.state, basket.order) == ("paid", order.order)
    assert queries.of_number(store.reads, order.number) == queries.of_basket(store.reads, "b1") == order
    assert [each.order for each in queries.of_member(store.reads, order.member)] == [order.order]


async def test_the_same_news_sells_once_and_money_that_came_twice_goes_back(store: Journal) -> None:
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1})
    quote = await held(store, member, quoted(store))
    first = await asked(store, quote)
    await store.write(payments.record_closure, payment=first, reason="shopper")
    second = await asked(store, quote, "p2")
    found = await asyncio.gather(
        *(store.write(orders.settle, payment=second, evidence=money(1290), terms=TERMS) for _ in range(5)),
        store.write(orders.settle, payment=first, evidence=money(1290), terms=TERMS),
    )
    assert sorted(each.outcome for each in found) == ["already"] * 4 + ["paid", "surplus"]
    assert kinds(store, "order") == ["order.paid.v1"]


async def test_another_amount_sells_nothing(store: Journal) -> None:
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1})
    payment = await asked(store, await held(store, member, quoted(store)))
    for evidence in (money(1289), money(1290, "USD")):
        settled = await store.write(orders.settle, payment=payment, evidence=evidence, terms=TERMS)
        assert (settled.outcome, settled.order) == ("doubtful", "")
    assert kinds(store, "order") == []


async def test_money_for_a_basket_that_was_let_go_goes_back(store: Journal) -> None:
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1})
    payment = await asked(store, await held(store, member, quoted(store)))
    await store.write(payments.record_closure, payment=payment, reason="time")
    await store.write(holding.release, caller=by(member))
    settled = await store.write(orders.settle, payment=payment, evidence=money(1290), terms=TERMS)
    assert settled.outcome == "surplus"
    assert kinds(store, "order") == []


async def test_nobody_is_erased_while_their_money_is_under_way(store: Journal) -> None:
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1})
    quote = await held(store, member, quoted(store))
    payment = await asked(store, quote)
    with pytest.raises(Refusal, match="erase_waits"):
        await store.write(erasure.request_erasure, caller=by(member), patient=False, request="e1")
    waits = await store.write(erasure.request_erasure, caller=by(member), patient=True, request="e2")
    assert [hold.kind for hold in waits.holds] == ["payment"]
    await store.write(erasure.on_tick)
    settled = await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=TERMS)
    assert [order.order for order in queries.of_member(store.reads, member)] == [settled.order]
    await store.write(erasure.on_tick)
    assert queries.of_member(store.reads, member) == []


async def test_what_offers_pay_for_is_sold_without_a_payment(store: Journal) -> None:
    member = await store.write(join, 1)
    await filled(store, member, {TEA: 1})
    with pytest.raises(Refusal, match="basket_not_held"):
        await store.write(orders.settle_free, caller=by(member), basket="b1", terms=TERMS)
    await held(store, member, quoted(store, off=333))
    free = [await store.write(orders.settle_free, caller=by(member), basket="b1", terms=TERMS) for _ in range(2)]
    assert [each.outcome for each in free] == ["paid", "already"]
    assert free[0].order == free[1].order


async def test_nothing_is_free_that_costs_something(store: Journal) -> None:
    member = await store.write(join, 1)
    await filled(store, member, {TEA: 1})
    await held(store, member, quoted(store))
    with pytest.raises(Refusal, match="basket_not_free"):
        await store.write(orders.settle_free, caller=by(member), basket="b1", terms=TERMS)


async def test_units_come_back_by_their_share_to_the_last_fen(store: Journal) -> None:
    order = await bought(store, {TEA: 3}, off=100)
    line = order.paid.lines[0].id
    given = [(await back(store, order, {line: 1}, f"r{number}")).amount for number in range(3)]
    assert given == [299, 300, 300]
    with pytest.raises(Refusal, match="returned_already"):
        await back(store, order, {line: 1}, "r4")
    found = queries.order(store.reads, order.order)
    assert found is not None
    assert found.refunded == order.paid.total == 899


async def test_no_other_amount_comes_back_than_was_shown(store: Journal) -> None:
    order = await bought(store, {TEA: 3}, off=100)
    line = order.paid.lines[0].id
    await back(store, order, {line: 1}, "a colleague's")
    with pytest.raises(Refusal, match="page_outdated"):
        await back(store, order, {line: 1}, "r1", shown=299)
    assert (await back(store, order, {line: 1}, "r1", shown=300)).amount == 300


async def test_points_that_ended_while_they_were_paid_with_are_not_said_to_come_back(
    store: Journal, clock: SetClock
) -> None:
    member = await store.write(join, 1)
    given = PointsBooked(member=member, points=500, reason="goodwill", key="g1", ends_ms=clock.now + 1000)
    await store.write(lambda tx: tx.emit(given))
    await filled(store, member, {MILK: 2})
    quote = await held(store, member, quoted(store, points=400))
    payment = await asked(store, quote)
    clock.now += 2000
    settled = await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=TERMS)
    order = queries.order(store.reads, settled.order)
    assert order is not None
    had = balance(store.reads, member, clock.now).points
    found = await back(store, order, {order.paid.lines[0].id: 2}, "r1")
    assert balance(store.reads, member, clock.now).points == had + found.points_back - found.points_taken
    assert found.points_back == 0


async def test_points_come_back_by_the_same_formula(store: Journal) -> None:
    order = await bought(store, {MILK: 2}, off=645, points=900)
    line = order.paid.lines[0].id
    assert order.paid.points.balance == balance(store.reads, order.member, SetClock.now).points == 5000 - 900 + 10
    first, second = await back(store, order, {line: 1}, "r1"), await back(store, order, {line: 1}, "r2")
    assert (first.amount, first.points_back, first.points_taken) == (517, 450, 5)
    assert (second.amount, second.points_back, second.points_taken) == (518, 450, 5)
    again = await back(store, order, {line: 1}, "r1")
    assert again == msgspec.structs.replace(first, already=True)
    assert balance(store.reads, order.member, SetClock.now).points == 5000


@pytest.mark.parametrize("goods", [{WINE: 1, MILK: 1}, {MILK: 2, WINE: 3, TEA: 1}])
async def test_what_earned_points_takes_them_along_whatever_lay_beside_it(
    store: Journal, goods: dict[str, int]
) -> None:
    order = await bought(store, goods)
    wine = of_goods(order, WINE)
    first = await back(store, order, {wine: 1}, "wine")
    assert (first.amount, first.points_taken) == (PRICES[WINE], 0)
    rest = {line.id: line.quantity for line in order.paid.lines if line.id != wine}
    taken = [(await back(store, order, {line: count}, line)).points_taken for line, count in rest.items()]
    assert sum(taken) == order.paid.points.earned > 0
    assert balance(store.reads, order.member, SetClock.now).points == 0


async def test_what_a_campaign_gave_for_a_good_goes_with_that_good_alone(store: Journal) -> None:
    """Ten times the points for milk: 12 × 9 more; the bread's return costs none of them, the milk's all."""
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1, BREAD: 1})
    plain = quoted(store)
    lines = tuple(msgspec.structs.replace(line, bonus=108 * (line.gtin == MILK)) for line in plain.lines)
    part = msgspec.structs.replace(plain.points, will_earn=21 + 108)
    quote = await held(store, member, sealed(msgspec.structs.replace(plain, lines=lines, points=part)))
    paid = await store.write(orders.settle, payment=await asked(store, quote), evidence=money(quote.total), terms=TERMS)
    order = queries.order(store.reads, paid.order)
    assert order is not None
    taken = [(await back(store, order, {of_goods(order, gtin): 1}, gtin)).points_taken for gtin in (BREAD, MILK)]
    assert taken == [21 - 12, 12 + 108]


async def test_a_return_that_is_sent_twice_is_decided_once(store: Journal) -> None:
    order = await bought(store, {MILK: 2})
    line = order.paid.lines[0].id
    found = await asyncio.gather(*(back(store, order, {line: 1}, "same") for _ in range(4)))
    assert sorted(each.already for each in found) == [False, True, True, True]
    assert len({each.refund for each in found}) == 1
    assert len(queries.pending_refunds(store.reads)) == 1


async def test_a_request_that_asked_for_another_return_is_refused(store: Journal) -> None:
    order = await bought(store, {MILK: 2, TEA: 1})
    milk, tea = of_goods(order, MILK), of_goods(order, TEA)
    first = await back(store, order, {milk: 1}, "same")
    for units in ({tea: 1}, {milk: 2}, {milk: 1, tea: 1}):
        with pytest.raises(Refusal, match="bad_request"):
            await back(store, order, units, "same")
    assert (await back(store, order, {milk: 1, tea: 0}, "same")).refund == first.refund
    void = RefundRequest(order=order.order, kind="void", request="void", by="staff/li", reason="by mistake")
    made = await store.write(refunds.refund, wanted=void, rules=RULES)
    again = msgspec.structs.replace(void, units={milk: 1})
    assert (await store.write(refunds.refund, wanted=again, rules=RULES)).refund == made.refund, "units say nothing"


async def test_nothing_chosen_and_nothing_left_are_said_as_that(store: Journal) -> None:
    order = await bought(store, {MILK: 2, TEA: 1})
    milk, tea = of_goods(order, MILK), of_goods(order, TEA)
    for units in ({}, {milk: 0}):
        with pytest.raises(Refusal, match="return_nothing"):
            await back(store, order, units, "none")
    with pytest.raises(Refusal, match="return_too_much") as found:
        await back(store, order, {milk: 3}, "more")
    assert found.value.details["left"] == 2
    await back(store, order, {milk: 2}, "all")
    for units in ({milk: 1}, {milk: 1, tea: 1}):
        with pytest.raises(Refusal, match="returned_already"):
            await back(store, order, units, "again")


async def test_money_on_its_way_ends_by_the_ports_word_or_by_hand(store: Journal) -> None:
    order = await bought(store, {MILK: 2})
    decided = await back(store, order, {order.paid.lines[0].id: 1}, "r1")
    (going,) = queries.pending_refunds(store.reads)
    assert (going.refund, going.amount, going.payment) == (decided.refund, 1290, order.paid.paid[0].payment)
    with pytest.raises(Refusal, match="refund_on_its_way"):
        await store.write(refunds.record_cash_refund, refund=decided.refund, by="staff/li")
    await store.write(refunds.record_answer, refund=decided.refund, answer=RefundAnswer(state="pending"))
    await store.write(
        refunds.record_answer, refund=decided.refund, answer=RefundAnswer(state="abnormal", reason="card")
    )
    assert queries.pending_refunds(store.reads) == []
    assert await store.write(refunds.record_cash_refund, refund=decided.refund, by="staff/li")
    assert not await store.write(refunds.record_answer, refund=decided.refund, answer=RefundAnswer(state="pending"))
    assert [each.state for each in queries.refunds(store.reads, order.order)] == ["done"]


@pytest.mark.parametrize(("said", "days"), [("unknown", 1), ("pending", 7)])
async def test_money_whose_port_says_nothing_for_days_is_looked_up_there(
    store: Journal, clock: SetClock, said: RefundState, days: int
) -> None:
    order = await bought(store, {MILK: 2})
    line = order.paid.lines[0].id
    there, gone = [(await back(store, order, {line: 1}, request)).refund for request in ("r1", "r2")]
    for each in (there, gone):
        await store.write(refunds.record_answer, refund=each, answer=RefundAnswer(state=said))
    clock.now += days * DAY_MS - 1
    assert needs.money(store.reads, clock.now) == []
    with pytest.raises(Refusal, match="refund_on_its_way"):
        await store.write(refunds.record_lookup, refund=gone, is_back=False, by="staff/li")
    clock.now += 1
    found = needs.money(store.reads, clock.now)
    assert [(each.kind, each.action) for each in found] == [("refund_silent", "settle_refund")] * 2
    with pytest.raises(Refusal, match="refund_on_its_way"):
        await store.write(refunds.record_cash_refund, refund=gone, by="staff/li")
    assert await store.write(refunds.record_lookup, refund=there, is_back=True, by="staff/li")
    assert await store.write(refunds.record_lookup, refund=gone, is_back=False, by="staff/li")
    assert not await store.write(refunds.record_lookup, refund=gone, is_back=True, by="staff/li")
    assert queries.pending_refunds(store.reads) == []  # from now on its port is asked for nothing
    assert [(each.kind, each.id) for each in needs.money(store.reads, clock.now)] == [("refund_back", f"refund/{gone}")]
    with pytest.raises(Refusal, match="refund_on_its_way"):  # the last question may still be under way
        await store.write(refunds.record_cash_refund, refund=gone, by="staff/li")
    clock.now += LAST_ANSWER_MS
    assert await store.write(refunds.record_cash_refund, refund=gone, by="staff/li")
    assert [each.state for each in queries.refunds(store.reads, order.order)] == ["done", "done"]


async def test_what_a_port_says_late_after_all_spares_the_cash(store: Journal, clock: SetClock) -> None:
    order = await bought(store, {MILK: 1})
    decided = await back(store, order, {}, "v1", kind="void")
    clock.now += DAY_MS
    await store.write(refunds.record_lookup, refund=decided.refund, is_back=False, by="staff/li")
    await store.write(refunds.record_answer, refund=decided.refund, answer=RefundAnswer(state="done"))
    assert needs.money(store.reads, clock.now) == []
    clock.now += LAST_ANSWER_MS
    assert not await store.write(refunds.record_cash_refund, refund=decided.refund, by="staff/li")


async def test_what_came_back_whole_is_not_void_besides(store: Journal) -> None:
    """A void has the shopper's next order checked: it is none where nothing is left to be taken back."""
    order = await bought(store, {MILK: 2})
    await back(store, order, {of_goods(order, MILK): 2}, "r1")
    with pytest.raises(Refusal, match="returned_already"):
        await back(store, order, {}, "r2", kind="void")
    found = queries.order(store.reads, order.order)
    assert found is not None
    assert found.state == "paid"


async def test_void_before_the_goods_leave_and_return_after(store: Journal, clock: SetClock) -> None:
    order = await bought(store, {MILK: 1, TEA: 1})
    void = await back(store, order, {}, "v1", kind="void", way="cash")
    assert void.amount == order.paid.total
    with pytest.raises(Refusal, match="order_void"):
        await store.write(orders.hand_over, order=order.order, by="staff/li")
    other = await bought(store, {MILK: 1}, number=2)
    assert await store.write(orders.hand_over, order=other.order, by="staff/li")
    with pytest.raises(Refusal, match="order_gone"):
        await back(store, other, {}, "v2", kind="void")
    clock.now += 31 * DAY_MS
    with pytest.raises(Refusal, match="return_late"):
        await back(store, other, {other.paid.lines[0].id: 1}, "r2")
    assert (await back(store, other, {other.paid.lines[0].id: 1}, "r2", manager=True)).amount == 1290


@pytest.mark.parametrize(("days", "limit"), [(30, 30), (0, 1)])
async def test_late_a_manager_alone_makes_an_order_void(store: Journal, clock: SetClock, days: int, limit: int) -> None:
    order = await bought(store, {MILK: 1})
    void = RefundRequest(order=order.order, kind="void", request="v1", by="staff/li", reason="goods went unseen")
    rules = OrderRules(return_days=days)
    clock.now += limit * DAY_MS + 1
    with pytest.raises(Refusal, match="return_late"):
        await store.write(refunds.refund, wanted=void, rules=rules)
    clock.now -= 1
    assert (await store.write(refunds.refund, wanted=void, rules=rules)).amount == 1290
    other = await bought(store, {MILK: 1}, number=2)
    clock.now += limit * DAY_MS + 1
    by_manager = msgspec.structs.replace(void, order=other.order, request="v2", manager=True)
    assert (await store.write(refunds.refund, wanted=by_manager, rules=rules)).amount == 1290


async def test_cash_that_nobody_noted_as_given_is_told(store: Journal, clock: SetClock) -> None:
    order = await bought(store, {MILK: 2})
    decided = await back(store, order, {order.paid.lines[0].id: 1}, "r1", way="cash")
    clock.now += GIVEN_MS - 1
    assert needs.money(store.reads, clock.now) == []
    clock.now += 1
    (need,) = needs.money(store.reads, clock.now)
    assert (need.kind, need.action, need.id) == ("refund_cash", "gave_refund", f"refund/{decided.refund}")
    await store.write(refunds.record_cash_refund, refund=decided.refund, by="staff/li")
    assert needs.money(store.reads, clock.now) == []


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


def of_goods(order: Order, gtin: str) -> str:
    return next(line.id for line in order.paid.lines if line.gtin == gtin)


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


async def test_an_exchange_moves_no_money(store: Journal) -> None:
    order = await bought(store, {MILK: 1})
    decided = await back(store, order, {order.paid.lines[0].id: 1}, "x1", kind="exchange")
    assert decided.amount == 0
    found = queries.order(store.reads, order.order)
    assert found is not None
    assert (found.refunded, found.left(order.paid.lines[0].id)) == (0, 1)
    assert queries.pending_refunds(store.reads) == []


def test_a_number_is_read_as_people_type_it() -> None:
    number = number_of("01990000-0000-7000-8000-0123456789ab")
    assert read_number(number) == read_number(f" {number.lower().replace('-', '')} ") == number
    assert read_number("O0I1L-2345U") == "00111-2345V"
    # As it is pasted from a message, and typed with a Chinese keyboard.
    assert read_number("\ufeffO0I1L\u2011\u200b2345U\u202c") == read_number("Ｏ０Ｉ１Ｌ－２３４５Ｕ") == "00111-2345V"
    for wrong in ("", "7K3F9", "7K3F9-QXM2!", "7K3F9-QXM2P5"):
        assert not read_number(wrong)


@pytest.mark.parametrize(
    ("trust", "removed", "lot", "why"),
    [
        (Trust(), 0, 0.099, "draw"),
        (Trust(), 0, 0.1, None),
        (Trust(passed=1), 0, 0.05, None),
        (Trust(passed=9), 0, 0.009, "draw"),
        (Trust(passed=9), 0, 0.01, None),
        (Trust(missed=True), 0, 1.0, "miss"),
        (Trust(voided=True), 0, 1.0, "void"),
        (Trust(), 6, 1.0, "removals"),
        (Trust(), 5, 1.0, None),
    ],
)
def test_trust_and_lot_choose_who_is_checked(trust: Trust, removed: int, lot: float, why: str | None) -> None:
    assert audit_reason(RULES, trust, removed, lot) == why


async def test_who_became_one_person_had_one_first_order(store: Journal, clock: SetClock) -> None:
    first = await bought(store, {TEA: 1})
    clock.now += DAY_MS
    second = await bought(store, {TEA: 1}, number=2)
    assert queries.first_orders(store.reads) == {first.order, second.order}
    await store.write(joining.link, MembersLinked(member=second.member, kin=first.member, how="phone"))
    assert queries.first_orders(store.reads) == {first.order}


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
