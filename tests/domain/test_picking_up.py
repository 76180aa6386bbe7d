"""Goods that wait behind the door of a locker: ready once they lie there, and nobody is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets.rules import Good
from edge.domain.lockers import doors
from edge.domain.lockers import queries as lockers
from edge.domain.lockers import staff as locker_staff
from edge.domain.members import erasure
from edge.domain.members import queries as members
from edge.domain.orders import decisions as orders
from edge.domain.orders import needs, picking_up, queries
from edge.domain.orders.rules import KEEP_MS, Order
from edge.domain.staff.rules import Person
from edge.errors import Refusal
from edge.web.pages.staff.action_request import ActionRequest, PickupOrder
from edge.web.pages.staff.actions import act
from tests.callers import by
from tests.domain.conftest import SetClock, join, person
from tests.domain.locking import BANK, CODES, Bank, build
from tests.domain.selling import PRICES, TEA, TERMS, asked, back, held, money, quoted

if TYPE_CHECKING:
    from edge.domain.lockers.openings import Opening
    from edge.domain.orders.facts import RefundKind
    from edge.journal.journal import Journal


async def promised(store: Journal) -> Order:
    """Something from the stock room, to be put into a locker."""
    await store.write(build)
    member = await store.write(join, 1)
    good = Good(gtin=TEA, price=PRICES[TEA], away="room")
    await store.write(baskets.add, caller=by(member), basket="b1", good=good, request="r1")
    await store.write(baskets.collect, caller=by(member), way="locker")
    quote = await held(store, member, quoted(store))
    payment = await asked(store, quote)
    settled = await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=TERMS)
    return found(store, settled.order)


def found(store: Journal, name: str) -> Order:
    order = queries.order(store.reads, name)
    assert order is not None
    return order


async def put_in(bank: Bank, order: Order, *, occupied: bool | None) -> Opening:
    opening = await bank.fill(order.member, "li", order=order.number)
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=occupied)
    await bank.store.write(picking_up.on_tick)
    return opening


async def clear(bank: Bank, opening: Opening) -> None:
    door = {"bank": BANK, "door": opening.door}
    ordered = await bank.store.write(
        locker_staff.staff_open, **door, staff="li", purpose="clear", reason="overdue", request="c1"
    )
    await bank.end(ordered)
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=False)
    assert bank.state(opening.parcel) == "cleared"


async def test_two_of_the_staff_open_one_door_for_an_order(store: Journal) -> None:
    order, bank = await promised(store), Bank(store)
    first = await bank.fill(order.member, "li", order=order.number, once=True)
    with pytest.raises(Refusal, match="pickup_in_locker"):
        await bank.fill(order.member, "wang", order=order.number, once=True)
    assert await bank.fill(order.member, "li", order=order.number, once=True) == first, "a second tap joins the first"
    await bank.end(first, "failed", "jammed")
    assert bank.state(first.parcel) == "cancelled"
    assert (await bank.fill(order.member, "wang", order=order.number, once=True)).door != first.door


async def test_behind_a_door_that_closed_over_nothing_nothing_is_ready(store: Journal) -> None:
    order, bank = await promised(store), Bank(store)
    first = await put_in(bank, order, occupied=False)
    assert (bank.state(first.parcel), found(store, order.order).waits) == ("unsure", "due")
    await store.write(locker_staff.answer, parcel=first.parcel, inside=False)
    second = await put_in(bank, order, occupied=True)
    pickup = found(store, order.order).pickup
    assert pickup is not None
    assert (pickup.state, pickup.parcel) == ("ready", second.parcel)


@pytest.mark.parametrize("kind", ["void", "absent", "return"])
async def test_what_lies_in_a_locker_is_taken_out_before_its_money_goes_back(store: Journal, kind: RefundKind) -> None:
    order, bank = await promised(store), Bank(store)
    opening = await put_in(bank, order, occupied=True)
    units = {order.paid.lines[0].id: 1}
    with pytest.raises(Refusal, match="pickup_in_locker"):
        await back(store, order, units, "v1", kind=kind)
    await clear(bank, opening)
    assert (await back(store, order, units, "v1", kind=kind)).amount == order.paid.total


async def test_what_was_cleared_and_put_in_again_lies_there(store: Journal, clock: SetClock) -> None:
    order, bank = await promised(store), Bank(store)
    await clear(bank, await put_in(bank, order, occupied=True))
    again = await put_in(bank, order, occupied=True)
    with pytest.raises(Refusal, match="pickup_in_locker"):
        await back(store, order, {}, "v1", kind="void")
    clock.now += KEEP_MS + 1
    assert needs.needs(store.reads, clock.now) == []
    out = await bank.take(again.parcel, order.member)
    await bank.end(out)
    await bank.opens(out.door)
    await bank.closes(out.door, occupied=False)
    await store.write(picking_up.on_tick)
    units = {order.paid.lines[0].id: 1}
    assert (await back(store, order, units, "v2")).amount == order.paid.total


async def test_what_staff_cleared_out_of_a_locker_is_not_forgotten(store: Journal, clock: SetClock) -> None:
    order, bank = await promised(store), Bank(store)
    opening = await put_in(bank, order, occupied=True)
    clock.now += KEEP_MS + 1
    assert needs.needs(store.reads, clock.now) == []  # an overdue parcel is the locker's own need
    await clear(bank, opening)
    assert [need.kind for need in needs.needs(store.reads, clock.now)] == ["pickup_left"]


async def test_an_erasure_waits_for_paid_goods_that_are_still_to_be_fetched(store: Journal) -> None:
    order = await promised(store)
    with pytest.raises(Refusal, match="erase_waits"):
        await store.write(erasure.request_erasure, caller=by(order.member), patient=False, request="e")
    waits = await store.write(erasure.request_erasure, caller=by(order.member), patient=True, request="e")
    assert [(hold.kind, hold.device) for hold in waits.holds] == [("order", order.number)]
    bank = Bank(store)
    opening = await put_in(bank, order, occupied=True)
    assert [hold.kind for hold in members.holds(store.reads, [order.member])] == ["parcel"]
    await clear(bank, opening)
    await store.write(erasure.on_tick)
    assert [hold.kind for hold in members.holds(store.reads, [order.member])] == ["order"]  # at the collection point
    await store.write(picking_up.hand_over, order=order.order, by="staff/li")
    await store.write(erasure.on_tick)
    assert members.erased(store.reads) == [order.member]


async def test_an_erasure_waits_no_more_once_the_money_of_what_cannot_be_had_is_back(store: Journal) -> None:
    order = await promised(store)
    await store.write(erasure.request_erasure, caller=by(order.member), patient=True, request="e")
    await store.write(erasure.on_tick)
    assert members.erased(store.reads) == []
    await back(store, order, {order.paid.lines[0].id: 1}, "a1", kind="absent")
    await store.write(erasure.on_tick)
    assert members.erased(store.reads) == [order.member]


async def test_a_number_that_staff_typed_is_the_order_s_however_it_is_spelled(store: Journal) -> None:
    order, bank = await promised(store), Bank(store)
    typed = order.number.replace("-", " ").lower()
    wanted = PickupOrder("S", typed, person(7), KEEP_MS, CODES)
    asked = ActionRequest(do="fill", target=BANK, request="f1", order=wanted)
    ref = await store.write(act, person=Person("li", "Li", "staff", "s", "k"), asked=asked)
    opening = lockers.opening(store.reads, ref.removeprefix("opening:"))
    assert opening is not None
    await store.write(doors.settle, ref.removeprefix("opening:"), "done", None, "lock")
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=True)
    await store.write(picking_up.on_tick)
    assert found(store, order.order).waits == "ready"
