"""Returns and voids: units come back by their share, to the last unit of money, and what becomes of the money."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.ledger.facts import PointsBooked
from edge.domain.ledger.queries import balance
from edge.domain.orders import decisions as orders
from edge.domain.orders import needs, queries, refunds
from edge.domain.orders.refunds import RefundRequest
from edge.domain.orders.rules import DAY_MS, GIVEN_MS, OrderRules
from edge.domain.payments.rules import LAST_ANSWER_MS, RefundAnswer
from edge.errors import Refusal
from pricing.quote import sealed
from tests.domain.conftest import SetClock, join
from tests.domain.selling import (
    BREAD,
    MILK,
    PRICES,
    RULES,
    TEA,
    TERMS,
    WINE,
    asked,
    back,
    bought,
    filled,
    held,
    money,
    of_goods,
    quoted,
)

if TYPE_CHECKING:
    from edge.domain.payments.rules import RefundState
    from edge.journal.journal import Journal


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


async def test_an_exchange_moves_no_money(store: Journal) -> None:
    order = await bought(store, {MILK: 1})
    decided = await back(store, order, {order.paid.lines[0].id: 1}, "x1", kind="exchange")
    assert decided.amount == 0
    found = queries.order(store.reads, order.order)
    assert found is not None
    assert (found.refunded, found.left(order.paid.lines[0].id)) == (0, 1)
    assert queries.pending_refunds(store.reads) == []


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
