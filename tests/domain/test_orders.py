"""Orders: sold once and whole, by what was held."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.members import erasure, joining
from edge.domain.members.facts import MembersLinked
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries
from edge.domain.orders.rules import DAY_MS, Trust, audit_reason, number_of, read_number
from edge.domain.payments import decisions as payments
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.selling import MILK, RULES, TEA, TERMS, asked, bought, filled, held, kinds, money, quoted

if TYPE_CHECKING:
    from edge.journal.journal import Journal


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
