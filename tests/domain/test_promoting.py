"""Who brought whom, and what is due for it: goldens 65 and 66."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from edge.domain.coupons import decisions as coupon_decisions
from edge.domain.ledger import decisions, postings, queries
from edge.domain.ledger.facts import (
    CommissionEarned,
    CommissionRefused,
    CommissionReversed,
    CommissionSettled,
    PromoterNotBound,
)
from edge.domain.ledger.rules import DAY_MS, CommissionRules, LedgerRules
from edge.domain.members import decisions as members
from edge.domain.members import numbers
from edge.domain.members.facts import Consents, MemberErased
from edge.domain.members.rules import Browser
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries as orders_queries
from edge.domain.orders.facts import OrderPaid
from edge.domain.payments.rules import Evidence
from edge.domain.staff.facts import StaffAppointed, StaffLoggedIn
from edge.domain.touchpoints.facts import TouchpointDefined
from tests.callers import browser_of, by, member_of
from tests.domain.conftest import SetClock, offer, person
from tests.domain.locking import Bank, build
from tests.domain.selling import MILK, PRICES, TERMS, asked, back, filled, held, quoted
from tests.domain.test_ledger import emit, facts

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

NAMES = {"zh-CN": "卡", "en": "card"}
PROOF_MS = 90 * DAY_MS
RULES = LedgerRules(commission=CommissionRules(welcome="welcome-10", after_first="again-5"))


def furnish(tx: Tx) -> None:
    tx.emit(StaffAppointed(staff="li", name="Li", role="staff", key="k"))
    tx.emit(StaffLoggedIn(staff="li", session="s", browser="browser-li"))
    tx.emit(
        TouchpointDefined(touchpoint="badge-li", purpose="badge", zone="baby", label=NAMES, at=(1.0, 1.0), staff="li")
    )
    coupon_decisions.offer(tx, [offer("welcome-10", stock=100), offer("again-5", stock=100)])
    decisions.agree(tx, RULES)


@pytest.fixture
async def badge(store: Journal) -> Journal:
    await store.write(furnish)
    return store


async def register(
    store: Journal,
    number: int,
    *,
    at: str = "badge-li",
    browser: Browser | None = None,
    proven: bool = True,
    again: int | None = None,
) -> str:
    """`again`: as whom the same number comes once more."""
    sealed = person(number)
    if again is not None:
        sealed = replace(sealed, member=member_of(again))
    made = await store.write(
        members.register,
        shown={},
        sealed=sealed,
        consents=Consents(service=True, marketing=False),
        language="en",
        touchpoint=at,
        request=f"r{again or number}",
        browser=browser or browser_of(sealed.member),
    )
    if proven:
        await store.write(numbers.prove, caller=by(made.member), index=sealed.index, proof_ms=PROOF_MS)
    return made.member


async def pay(store: Journal, member: str, order: str, clock: SetClock, paid: int = 5000) -> None:
    clock.now += 60_000
    await emit(store, postings.earning, member, order, paid, paid // 100, clock.now)


def coupons(store: Journal, member: str, state: str = "claimed") -> list[str]:
    rows = store.reads.all("SELECT campaign FROM wallet WHERE member=? AND state=? ORDER BY campaign", member, state)
    return [row["campaign"] for row in rows]


async def test_a_new_member_s_first_orders(badge: Journal, clock: SetClock) -> None:
    """Golden 65."""
    anna = await register(badge, 1)
    assert coupons(badge, anna) == ["welcome-10"]
    for order in ("o1", "o2", "o3"):
        await pay(badge, anna, order, clock)
    await pay(badge, anna, "o1", clock)
    assert [(fact.order, fact.amount) for fact in facts(badge, CommissionEarned)] == [("o1", 500), ("o2", 200)]
    assert coupons(badge, anna) == ["again-5", "welcome-10"]
    await emit(badge, postings.reversal, "o1", "r1", paid=5000, back=0, now_ms=clock.now)
    assert [(fact.promoter, fact.amount) for fact in facts(badge, CommissionReversed)] == [("li", 500)]
    assert coupons(badge, anna) == []
    await pay(badge, anna, "o4", clock)
    assert len(facts(badge, CommissionEarned)) == 2, "the second stays the second"
    clock.now += 9 * DAY_MS
    await badge.write(decisions.on_tick)
    await badge.write(decisions.on_tick)
    assert [(fact.order, fact.amount) for fact in facts(badge, CommissionSettled)] == [("o2", 200)]
    found = queries.results(badge.reads, "li")
    assert (found.members, found.open, found.settled, found.reversed) == (1, 0, 200, 500)
    assert (found.first, found.second, found.orders) == (0, 1, 1), "what came back does not count"


async def test_a_first_order_that_comes_back_takes_its_coupon_along_where_nobody_earned_by_it(
    badge: Journal, clock: SetClock
) -> None:
    rules = replace(RULES.commission, first=0)
    await badge.write(decisions.agree, replace(RULES, commission=rules))
    anna, bella = await register(badge, 1), await register(badge, 2)
    await pay(badge, anna, "o1", clock)
    await pay(badge, bella, "o2", clock)
    assert coupons(badge, anna) == coupons(badge, bella) == ["again-5", "welcome-10"]
    await emit(badge, postings.reversal, "o1", "r1", paid=1000, back=0, now_ms=clock.now)
    assert coupons(badge, anna) == ["again-5", "welcome-10"], "enough stays paid"
    await emit(badge, postings.reversal, "o1", "r2", paid=4000, back=0, now_ms=clock.now)
    assert coupons(badge, anna) == []
    clock.now += 9 * DAY_MS
    await emit(badge, postings.reversal, "o2", "r3", paid=5000, back=0, now_ms=clock.now)
    assert coupons(badge, bella) == ["again-5", "welcome-10"], "after the time for it nothing is taken back"


async def test_what_comes_back_after_it_was_settled_is_not_taken_back(badge: Journal, clock: SetClock) -> None:
    anna = await register(badge, 1)
    await pay(badge, anna, "o1", clock)
    clock.now += 9 * DAY_MS
    await badge.write(decisions.on_tick)
    await emit(badge, postings.reversal, "o1", "r1", paid=5000, back=0, now_ms=clock.now)
    assert not facts(badge, CommissionReversed)


@pytest.mark.parametrize("case", ["browser", "number", "session of another place"])
async def test_nobody_is_their_own_promoter(badge: Journal, case: str) -> None:
    """Golden 66: Li's browser, Li's own number on another phone, and a browser of staff."""
    if case == "number":  # Li is a member, on the phone that Li works with
        await register(badge, 7, at="cart-01", browser=Browser("browser-li", f"session-{member_of(7)}"))
        another = Browser("another", "session-8")
        member = await register(badge, 7, browser=another, proven=False, again=8)
    else:
        member = await register(badge, 1, browser=Browser("browser-li", f"session-{member_of(1)}"))
    (refused,) = facts(badge, PromoterNotBound)
    assert (refused.why, refused.promoter, refused.member) == ("own_badge", "li", member)
    assert queries.results(badge.reads, "li").refused == 1
    assert coupons(badge, member) == []


async def test_without_a_proven_number_or_enough_money_nothing_is_due(badge: Journal, clock: SetClock) -> None:
    anna, ben = await register(badge, 1, proven=False), await register(badge, 2)
    await pay(badge, anna, "o1", clock)
    await pay(badge, ben, "o2", clock, paid=1999)
    assert not facts(badge, CommissionEarned)
    await pay(badge, ben, "o3", clock, paid=2000)
    assert [fact.number for fact in facts(badge, CommissionEarned)] == [1]


async def test_who_was_a_member_before_is_no_new_one(badge: Journal, clock: SetClock) -> None:
    await register(badge, 1, at="cart-01")
    clock.now += DAY_MS
    again = await register(badge, 1, again=9)
    await pay(badge, again, "o1", clock)
    assert not facts(badge, CommissionEarned)


async def test_one_number_is_welcomed_once_in_whatever_browsers_it_is_proven(badge: Journal) -> None:
    anna = await register(badge, 1)
    again = await register(badge, 1, again=9)
    assert (coupons(badge, anna), coupons(badge, again)) == (["welcome-10"], [])


async def test_for_whom_something_lay_in_a_locker_is_a_new_member_all_the_same(badge: Journal, clock: SetClock) -> None:
    waiting = replace(person(1), member=member_of(9))
    await badge.write(numbers.recipient, waiting, staff="li", proof_ms=PROOF_MS)
    clock.now += DAY_MS
    anna = await register(badge, 1)
    await pay(badge, anna, "o1", clock)
    assert coupons(badge, anna) == ["again-5", "welcome-10"]
    assert [fact.member for fact in facts(badge, CommissionEarned)] == [anna]


async def test_one_browser_makes_three_members_a_day(badge: Journal, clock: SetClock) -> None:
    for number in range(1, 5):
        await register(badge, number, browser=Browser("farm", f"session-{number}"), proven=False)
    assert [fact.why for fact in facts(badge, PromoterNotBound)] == ["one_browser"]
    clock.now += DAY_MS
    await register(badge, 5, browser=Browser("farm", "session-5"), proven=False)
    assert queries.results(badge.reads, "li").members == 4


async def test_a_badge_without_staff_counts_by_its_own_name_and_a_cart_for_nobody(badge: Journal) -> None:
    await badge.write(
        lambda tx: tx.emit(
            TouchpointDefined(touchpoint="badge-x", purpose="badge", zone="baby", label=NAMES, at=(1.0, 1.0))
        )
    )
    await register(badge, 1, at="badge-x")
    await register(badge, 2, at="cart-01")
    assert queries.promoters(badge.reads) == ["badge-x"]


async def test_the_erased_are_forgotten_and_money_stays(badge: Journal, clock: SetClock) -> None:
    anna = await register(badge, 1)
    await pay(badge, anna, "o1", clock)
    await badge.write(lambda tx: tx.emit(MemberErased(member=anna, by="member", request="e")))
    found = queries.results(badge.reads, "li")
    assert (found.members, found.open) == (0, 500)
    assert queries.balance(badge.reads, anna, clock.now).points == 0


async def test_who_has_paid_for_somebody_else_before_is_nobody_s_new_customer(badge: Journal) -> None:
    """Li pays with Li's own wallet for a member of Li's badge; Anna pays with her own."""
    anna, ben = await register(badge, 1), await register(badge, 2)
    for member, payer in ((await register(badge, 7, at="cart-01"), "li's"), (ben, "li's"), (anna, "anna's")):
        await sold(badge, member, payer)
    assert [(fact.member, fact.why) for fact in facts(badge, CommissionRefused)] == [(ben, "known_payer")]
    assert [fact.member for fact in facts(badge, CommissionEarned)] == [anna]
    assert (queries.results(badge.reads, "li").unpaid, queries.results(badge.reads, "li").orders) == (1, 1)
    paid = {each.member: each.promoter for each in facts(badge, OrderPaid)}
    assert (paid[anna], paid[ben]) == ("li", "li")


async def sold(store: Journal, member: str, payer: str) -> str:
    """An order that this payer paid."""
    basket = f"basket-{member}"
    await filled(store, member, {MILK: 2}, basket)
    quote = await held(store, member, quoted(store, basket))
    evidence = Evidence(amount=quote.total, currency="CNY", by="port", payer=payer)
    payment = await asked(store, quote, f"p-{member}")
    return (await store.write(orders.settle, payment=payment, evidence=evidence, terms=TERMS)).order


async def test_a_pick_up_counts_once_for_who_sold_it_less_what_came_back(badge: Journal) -> None:
    anna = await register(badge, 1)
    order = orders_queries.order(badge.reads, await sold(badge, anna, "anna's"))
    assert order is not None
    number = order.number
    await badge.write(build)
    bank = Bank(badge)
    await bank.look()
    for text in (number.lower(), number, "4711"):  # another parcel of the same order, and one of another till
        filled_in = await bank.fill(anna, "zhou", order=text, adviser="li")
        await bank.end(filled_in)
        await bank.opens(filled_in.door)
        await bank.closes(filled_in.door, occupied=True)
        for _ in range(2):  # the door opens once more for who closed it
            await bank.end(await bank.take(filled_in.parcel, anna))
            await bank.opens(filled_in.door)
            await bank.closes(filled_in.door, occupied=False)
    found = queries.results(badge.reads, "li")
    assert (found.pickups, found.picked_up) == (2, 2 * PRICES[MILK])
    await back(badge, order, {order.paid.lines[0].id: 1}, "r1")
    assert queries.results(badge.reads, "li").picked_up == PRICES[MILK]
    assert queries.results(badge.reads, "zhou").pickups == 0
