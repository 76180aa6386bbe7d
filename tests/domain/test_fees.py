"""Late fees of lockers: paid with the basket or at the till, once, and never more than is owed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.baskets import holding
from edge.domain.ledger import decisions as ledger
from edge.domain.ledger.queries import owed, owing
from edge.domain.lockers.facts import ParcelFeeDue
from edge.domain.members import erasure, joining
from edge.domain.members.facts import MembersLinked
from edge.domain.members.rules import UNDO_MS
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import join
from tests.domain.selling import MILK, TERMS, asked, back, filled, money, quoted

if TYPE_CHECKING:
    from edge.journal.journal import Journal
    from tests.domain.conftest import SetClock


async def late(store: Journal, member: str, amount: int, parcel: str = "p1") -> None:
    due = ParcelFeeDue(parcel=parcel, member=member, amount=amount)
    await store.write(lambda tx: tx.emit(due))


@pytest.fixture
async def anna(store: Journal) -> str:
    """Collected late, and has milk in the basket."""
    member = await store.write(join, 1)
    await filled(store, member, {MILK: 1})
    await late(store, member, 500)
    return member


async def hold(store: Journal, member: str, seen: int, off: int = 0) -> int:
    quote = quoted(store, off=off)
    held = await store.write(holding.hold, caller=by(member), basket="b1", quote=quote, seen=seen)
    return held.total


async def take(store: Journal, member: str, amount: int, key: str = "till/1/r1") -> bool:
    return await store.write(ledger.take_fees, member=member, amount=amount, key=key, by="till/1")


async def test_the_basket_pays_it_along_and_a_return_does_not_give_it_back(store: Journal, anna: str) -> None:
    with pytest.raises(Refusal, match="price_changed"):
        await hold(store, anna, seen=1290)
    assert await hold(store, anna, seen=1790) == 1790
    payment = await asked(store, quoted(store))
    assert (await store.write(orders.settle, payment=payment, evidence=money(1290), terms=TERMS)).outcome == "doubtful"
    settled = await store.write(orders.settle, payment=payment, evidence=money(1790), terms=TERMS)
    order = queries.order(store.reads, settled.order)
    assert order is not None
    assert (order.paid.total, order.paid.fees, order.paid.paid[0].amount) == (1290, 500, 1790)
    assert (owed(store.reads, anna), owing(store.reads)) == (0, [])
    given = await back(store, order, {order.paid.lines[0].id: 1}, "r1")
    assert (given.amount, owed(store.reads, anna)) == (1290, 0)


async def test_what_a_basket_is_about_to_pay_no_till_takes(store: Journal, anna: str) -> None:
    await hold(store, anna, seen=1790)
    with pytest.raises(Refusal, match="basket_paying"):
        await take(store, anna, 500)
    await store.write(holding.release, caller=by(anna))
    taken = await asyncio.gather(*(take(store, anna, 500) for _ in range(3)))
    assert (sorted(taken), owed(store.reads, anna)) == ([False, False, True], 0)
    assert await hold(store, anna, seen=1290) == 1290


async def test_a_key_that_booked_other_fees_is_refused(store: Journal, anna: str) -> None:
    ben = await store.write(join, 2)
    await late(store, ben, 300, "p2")
    await take(store, anna, 500)
    for member, amount in ((ben, 300), (anna, 300)):
        with pytest.raises(Refusal, match="bad_request"):
            await take(store, member, amount)
    assert owed(store.reads, ben) == 300


@pytest.mark.parametrize("amount", [0, 499, 501, -500])
async def test_a_till_takes_exactly_what_is_owed(store: Journal, anna: str, amount: int) -> None:
    with pytest.raises(Refusal, match="payment_differs"):
        await take(store, anna, amount)
    assert owed(store.reads, anna) == 500


async def test_goods_that_cost_nothing_do_not_pay_a_fee(store: Journal, anna: str) -> None:
    assert await hold(store, anna, seen=500, off=1290) == 500
    with pytest.raises(Refusal, match="basket_not_free"):
        await store.write(orders.settle_free, caller=by(anna), basket="b1", terms=TERMS)


async def test_a_second_look_into_the_same_door_adds_only_what_came_on_top(store: Journal, anna: str) -> None:
    await late(store, anna, 700)
    await late(store, anna, 300, "p2")
    assert [(each.member, each.amount, each.parcel) for each in owing(store.reads)] == [(anna, 1000, "p2")]
    assert owed(store.reads, anna) == 1000


async def test_who_became_one_person_owes_one_amount_for_the_door_that_was_last(store: Journal, anna: str) -> None:
    ben = await store.write(join, 2)
    await late(store, ben, 300, "a later one")
    assert [each.amount for each in owing(store.reads)] == [300, 500]
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    (found,) = owing(store.reads)
    assert (found.amount, found.parcel) == (800, "a later one")
    assert await take(store, found.member, found.amount)
    assert (owed(store.reads, anna), owed(store.reads, ben), owing(store.reads)) == (0, 0, [])


async def test_whom_staff_let_in_does_not_pay_before_it_is_settled_who_they_are(
    store: Journal, anna: str, clock: SetClock
) -> None:
    """Their next basket would have paid what another owes, for good, also where the owner undoes it."""
    ben = await store.write(join, 2)
    await store.write(joining.confirm, staff="li", session=by(ben).session, owner=anna, evidence="member_card", most=1)
    assert (owed(store.reads, ben), owed(store.reads, anna)) == (0, 500)
    assert [(each.member, each.amount) for each in owing(store.reads)] == [(anna, 500)]
    clock.now += UNDO_MS + 1
    assert owed(store.reads, ben) == 500


async def test_nobody_is_asked_for_what_the_erased_owe(store: Journal, anna: str) -> None:
    ben = await store.write(join, 2)
    await late(store, ben, 300, "p2")
    await store.write(erasure.request_erasure, caller=by(anna), patient=False, request="r")
    assert [(each.member, each.amount) for each in owing(store.reads)] == [(ben, owed(store.reads, ben))]
