"""Baskets: filled once, priced as they are, held for one, and never paid for at another price than was shown."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.baskets import at_till, holding, queries
from edge.domain.baskets import decisions as baskets
from edge.domain.baskets.at_till import TillBasket
from edge.domain.baskets.facts import BasketLineAdded, BasketOpened
from edge.domain.baskets.needs import needs
from edge.domain.baskets.rules import HOLD_MS, MAX_LINES, BasketLine, BasketRules, Choices, Good, Owner
from edge.domain.campaigns import decisions as campaigns
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked, SessionPassIssued
from edge.domain.members.passes import Pass
from edge.domain.members.rules import UNDO_MS
from edge.domain.touchpoints import decisions as touchpoints
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.errors import Refusal
from pricing.basket import Goods, Terms
from pricing.campaigns import Budget, Campaign, Off
from pricing.price import price
from pricing.quote import Quote
from tests.callers import by
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

MILK, BREAD, WINE = "06901234567892", "06901234567908", "06901234567915"
SHELF = {MILK: Goods(gtin=MILK, price=1290), BREAD: Goods(gtin=BREAD, price=890), WINE: Goods(gtin=WINE, price=5000)}


def good(gtin: str = MILK, **more: object) -> Good:
    return Good(gtin=gtin, price=SHELF[gtin].price, **more)  # type: ignore[arg-type]


async def add(store: Journal, member: str, what: Good, request: str, basket: str = "b1") -> baskets.PutResult:
    return await store.write(baskets.add, caller=by(member), basket=basket, good=what, request=request)


def lying(store: Journal, member: str) -> list[tuple[str, int]]:
    name = queries.of_member(store.reads, member)
    found = queries.now(store.reads, name) if name else None
    return [(line.gtin, line.quantity) for line in found.lines] if found else []


def quoted(store: Journal, basket: str = "b1", **dearer: int) -> Quote:
    shelf = {gtin: Goods(gtin=gtin, price=dearer.get(f"p{gtin}", goods.price)) for gtin, goods in SHELF.items()}
    found = queries.basket(store.reads, basket)
    assert found is not None
    return price(found, catalogue=shelf, campaigns=(), now_ms=SetClock.now, terms=Terms())


async def hold(store: Journal, member: str, quote: Quote, seen: int | None = None) -> int:
    held = await store.write(holding.hold, caller=by(member), basket=quote.basket, quote=quote, seen=seen)
    return held.total


async def test_a_good_lies_in_the_basket_once_however_often_it_is_sent(store: Journal) -> None:
    anna = await store.write(join, 1)
    found = await asyncio.gather(*(add(store, anna, good(), "r1", f"b{number}") for number in range(6)))
    assert sorted(put.already for put in found) == [False] + [True] * 5
    assert lying(store, anna) == [(MILK, 1)]
    await add(store, anna, good(), "r2")
    await add(store, anna, good(BREAD), "r3")
    assert lying(store, anna) == [(MILK, 2), (BREAD, 1)]


async def test_a_request_that_put_in_something_else_is_refused(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    first = await add(store, anna, good(), "r1")
    second = await add(store, anna, good(quantity=2), "r2")
    assert (second.line, second.quantity) == (first.line, 3)
    bread = await add(store, anna, good(BREAD), "r3")
    for member, other, request in (
        (anna, good(BREAD), "r1"),
        (anna, good(quantity=2), "r1"),
        (anna, good(quantity=3), "r2"),
        (anna, good(grams=300), "r1"),
        (ben, good(), "r1"),
    ):
        with pytest.raises(Refusal, match="bad_request"):
            await add(store, member, other, request, "b2")
    assert (await add(store, anna, good(quantity=2), "r2")).line == first.line
    asked = {"caller": by(anna), "request": "r4"}
    await store.write(baskets.change, line=first.line, quantity=5, **asked)
    for line, quantity in ((first.line, 4), (bread.line, 5)):
        with pytest.raises(Refusal, match="bad_request"):
            await store.write(baskets.change, line=line, quantity=quantity, **asked)
    assert lying(store, anna) == [(MILK, 5), (BREAD, 1)]


async def test_a_weighed_bag_is_a_line_of_its_own(store: Journal) -> None:
    anna = await store.write(join, 1)
    for request, grams in (("r1", 500), ("r2", 500), ("r3", 333)):
        await add(store, anna, Good(gtin=MILK, grams=grams, price=1280), request)
    await add(store, anna, Good(gtin=MILK, label_price=1290), "r4")
    assert lying(store, anna) == [(MILK, 1)] * 4
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(baskets.change, caller=by(anna), line="r1", quantity=2, request="x")


async def test_pieces_change_and_zero_takes_the_line_out(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(), "r1")
    assert await store.write(baskets.change, caller=by(anna), line="r1", quantity=5, request="c1")
    assert not await store.write(baskets.change, caller=by(anna), line="r1", quantity=5, request="c1")
    # What was sent late and again changes nothing back.
    await store.write(baskets.change, caller=by(anna), line="r1", quantity=2, request="c2")
    assert not await store.write(baskets.change, caller=by(anna), line="r1", quantity=5, request="c1")
    assert lying(store, anna) == [(MILK, 2)]
    assert await store.write(baskets.change, caller=by(anna), line="r1", quantity=0, request="")
    assert not await store.write(baskets.change, caller=by(anna), line="r1", quantity=0, request="")
    assert lying(store, anna) == []


@pytest.mark.parametrize("what", [{"quantity": 0}, {"quantity": 1000}, {"grams": 0}, {"grams": 100_001}])
async def test_what_no_shopper_has_is_refused(store: Journal, what: dict[str, int]) -> None:
    anna = await store.write(join, 1)
    with pytest.raises(Refusal, match="bad_request"):
        await add(store, anna, good(**what), "r1")
    assert queries.of_member(store.reads, anna) is None


async def test_nobody_reaches_the_basket_of_another(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(), "r1")
    await add(store, ben, good(BREAD), "r2", "b2")
    with pytest.raises(Refusal, match="line_unknown"):
        await store.write(baskets.change, caller=by(ben), line="r1", quantity=3, request="x")
    with pytest.raises(Refusal, match="basket_empty"):
        await hold(store, ben, quoted(store, "b1"))
    with pytest.raises(Refusal, match="not_registered"):
        await add(store, "nobody", good(), "r3")


async def test_the_price_shown_is_the_price_held(store: Journal, clock: SetClock) -> None:
    """Golden 61: dearer asks, cheaper is passed on."""
    anna = await store.write(join, 1)
    await add(store, anna, good(), "r1")
    with pytest.raises(Refusal) as refused:
        await hold(store, anna, quoted(store, **{f"p{MILK}": 1390}), seen=1290)
    assert refused.value.code == "price_changed"
    assert (refused.value.details["shown"], refused.value.details["now"]) == (1290, 1390)
    assert queries.hold(store.reads, "b1") is None
    assert await hold(store, anna, quoted(store, **{f"p{MILK}": 990}), seen=1290) == 990
    # Sent again it is the same hold, whatever the shelf says now; after ten minutes it is over.
    assert await hold(store, anna, quoted(store), seen=1290) == 990
    clock.now += HOLD_MS - 1
    await store.write(holding.on_tick)
    assert queries.hold(store.reads, "b1") is not None
    clock.now += 1
    await store.write(holding.on_tick)
    assert queries.hold(store.reads, "b1") is None
    assert lying(store, anna) == [(MILK, 1)]


async def test_an_edit_ends_the_hold_and_an_old_quote_is_refused(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(), "r1")
    old = quoted(store)
    await hold(store, anna, old)
    await add(store, anna, good(BREAD), "r2")
    assert queries.hold(store.reads, "b1") is None
    with pytest.raises(Refusal, match="basket_changed"):
        await hold(store, anna, old)
    assert await hold(store, anna, quoted(store)) == 1290 + 890
    assert await store.write(holding.release, caller=by(anna))
    assert not await store.write(holding.release, caller=by(anna))


async def test_staff_looks_before_what_is_not_for_everybody_is_held(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(WINE, age=18), "r1")
    with pytest.raises(Refusal) as refused:
        await hold(store, anna, quoted(store))
    assert (refused.value.code, refused.value.details["age"]) == ("age_needs_staff", 18)
    assert await store.write(holding.ask_age, caller=by(anna), basket="b1")
    assert not await store.write(holding.ask_age, caller=by(anna), basket="b1")
    assert await store.write(holding.confirm_age, basket="b1", age=18, staff="li", enough=False)
    with pytest.raises(Refusal, match="age_needs_staff"):
        await hold(store, anna, quoted(store))
    assert await store.write(holding.ask_age, caller=by(anna), basket="b1")
    assert await store.write(holding.confirm_age, basket="b1", age=18, staff="li", enough=True)
    assert not await store.write(holding.confirm_age, basket="b1", age=18, staff="li", enough=True)
    assert await hold(store, anna, quoted(store)) == 5000


async def test_goods_whose_age_is_known_by_now_count_apart_from_those_before(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(WINE), "r1")
    await add(store, anna, good(WINE, age=18), "r2")
    assert lying(store, anna) == [(WINE, 1), (WINE, 1)]
    await add(store, ben, good(WINE), "r3", "b2")
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    stays = str(await store.write(baskets.merge, caller=by(anna)))
    with pytest.raises(Refusal, match="age_needs_staff"):
        await hold(store, anna, quoted(store, stays))


async def test_staff_say_only_the_age_that_they_looked_at(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(BREAD, age=16), "r1")
    await store.write(holding.ask_age, caller=by(anna), basket="b1")
    await add(store, anna, good(WINE, age=18), "r2")
    await store.write(holding.ask_age, caller=by(anna), basket="b1")
    assert not await store.write(holding.confirm_age, basket="b1", age=16, staff="li", enough=True)
    with pytest.raises(Refusal, match="age_needs_staff"):
        await hold(store, anna, quoted(store))
    assert await store.write(holding.confirm_age, basket="b1", age=18, staff="li", enough=True)


async def test_staff_are_told_where_the_buyer_stands(store: Journal) -> None:
    anna = await store.write(join, 1)
    code = TouchpointDefined(touchpoint="door-code", purpose="enter", zone="baby", label={"en": "Door"}, at=(1.0, 2.0))
    await store.write(touchpoints.define, [code])
    await add(store, anna, good(WINE, age=18), "r1")
    await store.write(holding.ask_age, caller=by(anna), basket="b1", at="door-code")
    (need,) = needs(store.reads, SetClock.now)
    assert (need.details["zone"], need.details["touchpoint"]) == ("baby", "door-code")


async def test_what_a_screen_gathered_is_the_members_who_shows_a_code(store: Journal) -> None:
    anna = await store.write(join, 1)
    here = Owner(session="screen/screen-baby")
    await store.write(baskets.add_at, owner=here, basket="s1", good=good(BREAD), request="r1")
    await store.write(baskets.add_at, owner=here, basket="s2", good=good(BREAD), request="r2")
    assert queries.of_session(store.reads, here.session) == "s1"
    assert await store.write(baskets.take_over_session, session=here.session, member=anna, basket="b1") == "b1"
    assert lying(store, anna) == [(BREAD, 2)]
    assert queries.of_session(store.reads, here.session) is None
    # The next time she has a basket already.
    await store.write(baskets.add_at, owner=here, basket="s3", good=good(), request="r3")
    assert await store.write(baskets.take_over_session, session=here.session, member=anna, basket="b9") == "b1"
    assert sorted(lying(store, anna)) == sorted([(BREAD, 2), (MILK, 1)])


async def test_choices_are_kept_and_money_is_never_burned_below_nothing(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(), "r1")
    chosen = Choices(pins=("c1",), without=("c2",), burn=300)
    assert await store.write(baskets.choose, caller=by(anna), choices=chosen)
    assert not await store.write(baskets.choose, caller=by(anna), choices=chosen)
    found = queries.now(store.reads, "b1")
    assert found is not None
    assert found.choices == chosen
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(baskets.choose, caller=by(anna), choices=Choices(burn=-1))


async def test_a_basket_that_nobody_touches_is_emptied(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(), "r1")
    await store.write(holding.agree, BasketRules(idle_hours=1))
    assert await store.write(holding.tidy) == 0
    clock.now += 3_600_000
    assert await store.write(holding.tidy) == 1
    assert lying(store, anna) == []
    assert not await store.write(baskets.drop, caller=by(anna))


def test_a_line_is_what_was_put_in() -> None:
    assert BasketLine(line="r", gtin=MILK, grams=5).alone
    assert not BasketLine(line="r", gtin=MILK).alone


async def test_a_hold_keeps_what_its_quote_uses_from_every_other_basket(store: Journal, clock: SetClock) -> None:
    """Golden 67's first half: of two baskets that want the last use of a budget, one is told."""
    once = Campaign(
        id="one-only",
        benefit=Off(amount=300),
        budget=Budget(uses=1),
        words={"zh-CN": "立减", "en": "Three off"},
    )
    await store.write(campaigns.activate, [once], "test")
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(), "r1")
    await add(store, ben, good(), "r2", "b2")

    def quote(basket: str) -> Quote:
        found = queries.basket(store.reads, basket)
        assert found is not None
        return price(found, catalogue=SHELF, campaigns=[once], now_ms=clock.now)

    first, second = quote("b1"), quote("b2")
    assert (first.total, second.total) == (990, 990)
    assert await hold(store, anna, first) == 990
    with pytest.raises(Refusal, match="budget_gone"):
        await hold(store, ben, second)
    assert queries.hold(store.reads, "b2") is None
    # An edit frees it.
    await add(store, anna, good(BREAD), "r3")
    assert await hold(store, ben, second) == 990


async def test_two_phones_of_one_person_see_one_basket(store: Journal) -> None:
    """Each had one of its own; once they are one person's, both goods lie in the one that changed last."""
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(), "r1")
    await add(store, ben, good(BREAD), "r2", "b2")
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    found = await asyncio.gather(*(store.write(baskets.merge, caller=by(each)) for each in (anna, ben, anna)))
    assert len(set(found)) == 1
    assert sorted(lying(store, anna)) == sorted(lying(store, ben)) == sorted([(MILK, 1), (BREAD, 1)])
    assert queries.pieces_of(store.reads, ben) == 2
    # From here on either phone fills it, and holds it for both.
    await add(store, anna, good(), "r3")
    assert await hold(store, ben, quoted(store, str(found[0]))) == 2 * 1290 + 890


async def test_what_staff_can_take_back_puts_no_baskets_together(store: Journal, clock: SetClock) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(), "r1")
    await add(store, ben, good(BREAD), "r2", "b2")
    fact = MembersLinked(member=ben, kin=anna, how="staff", staff="li", evidence="member_card")
    await store.write(joining.link, fact)
    assert await store.write(baskets.merge, caller=by(ben)) == "b2"
    assert (lying(store, anna), lying(store, ben)) == ([(MILK, 1)], [(BREAD, 1)])
    assert queries.pieces_of(store.reads, ben) == 1
    assert not queries.owns(store.reads, ben, "b1"), "nor can one phone hold or pay what is the other's"
    clock.now += UNDO_MS + 1
    await store.write(baskets.merge, caller=by(ben))
    assert lying(store, anna) == lying(store, ben)
    assert len(lying(store, ben)) == 2


async def take_out(store: Journal, owner: Owner, basket: str) -> None:
    """Something that was scanned is taken out again without a scan."""
    line = f"scanned-{basket}"
    await store.write(baskets.add_at, owner=owner, basket=basket, good=good(WINE, how="scanner"), request=line)
    assert await store.write(baskets.change_at, owner=owner, line=line, quantity=0, request="")


async def test_what_was_taken_out_is_counted_on_in_one_basket(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    for member, basket in ((anna, "b1"), (ben, "b2")):
        await take_out(store, Owner(member=member), basket)
        await add(store, member, good(), f"of-{basket}", basket)
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    stays = queries.now(store.reads, str(await store.write(baskets.merge, caller=by(anna))))
    assert stays is not None
    assert stays.removed == 2


async def test_a_till_that_hears_whose_order_it_is_forgets_nothing_of_it(store: Journal, clock: SetClock) -> None:
    anna, here = await store.write(join, 1), Owner(session="till/till-1/order-1")
    belt = TillBasket(session=here.session, basket="t1", lines=[BasketLine(line="l1", gtin=MILK, price=1290)])
    await store.write(at_till.fill, belt=belt)
    await take_out(store, here, "t1")
    assert await store.write(baskets.collect_at, owner=here, way="later")
    issued = SessionPassIssued(code_pass="P", member=anna, session=by(anna).session)
    await store.write(lambda tx: tx.emit(issued))
    shown = Pass("SK:P", "P", clock.now // 1000)
    known = msgspec.structs.replace(belt, basket="t2", shown=shown)
    assert [await store.write(at_till.fill, belt=known) for _ in range(2)] == ["t2", "t2"]
    found = queries.now(store.reads, "t2")
    assert found is not None
    assert (found.member, found.collect, found.removed, [line.gtin for line in found.lines]) == (
        anna,
        "later",
        1,
        [MILK],
    )
    assert queries.of_session(store.reads, here.session) == "t2"


async def test_a_phone_lets_go_of_its_own_price_and_never_of_the_tills(store: Journal) -> None:
    anna = await store.write(join, 1)
    at_till = Owner(member=anna, session="till/till-1/order-1")
    line = BasketLine(line="l1", gtin=MILK, price=1290)

    def fill(tx: Tx) -> None:
        tx.emit(BasketOpened(basket="t1", member=anna, session=at_till.session))
        tx.emit(BasketLineAdded(basket="t1", line=line))

    await store.write(fill)
    await store.write(holding.hold_at, owner=at_till, basket="t1", quote=quoted(store, "t1"), seen=None)
    await add(store, anna, good(), "r1")
    await hold(store, anna, quoted(store))
    assert await store.write(holding.release, caller=by(anna))
    assert queries.hold(store.reads, "b1") is None
    assert queries.hold(store.reads, "t1") is not None
    assert not await store.write(holding.release, caller=by(anna))


async def test_three_phones_of_one_person_lose_no_piece(store: Journal) -> None:
    people = [await store.write(join, number) for number in (1, 2, 3)]
    for number, member in enumerate(people, 1):
        await add(store, member, good(quantity=number), f"r{number}", f"b{number}")
    for member in people[1:]:
        await store.write(joining.link, MembersLinked(member=member, kin=people[0], how="phone"))
    await store.write(baskets.merge, caller=by(people[0]))
    assert lying(store, people[0]) == [(MILK, 6)]


async def test_what_does_not_fit_into_one_basket_waits_in_its_own(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(), "r0")
    await add(store, ben, good(BREAD), "r1", "b2")

    def fill(tx: Tx) -> None:
        for number in range(MAX_LINES):
            line = BasketLine(line=f"l{number}", gtin=MILK, grams=500, price=1290)
            tx.emit(BasketLineAdded(basket="b1" if number % 2 else "b2", line=line))

    await store.write(fill)
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    stays = await store.write(baskets.merge, caller=by(anna))
    assert len(lying(store, anna)) == MAX_LINES // 2 + 1
    assert await store.write(baskets.drop, caller=by(ben))
    assert await store.write(baskets.merge, caller=by(anna)) not in (None, stays)


async def test_any_interleaving_of_edits_and_holds_reserves_nothing_twice(store: Journal) -> None:
    """Two phones tap at once: what is held is always the basket as it is, or nothing."""
    anna = await store.write(join, 1)
    await add(store, anna, good(), "r0")

    async def edit(number: int) -> None:
        await add(store, anna, good(BREAD if number % 2 else MILK), f"e{number}")

    async def attempt() -> None:
        with contextlib.suppress(Refusal):
            await hold(store, anna, quoted(store))

    for number in range(12):
        await asyncio.gather(edit(number), attempt(), attempt())
        held, now = queries.hold(store.reads, "b1"), queries.now(store.reads, "b1")
        assert now is not None
        if held is not None:
            assert held.revision == now.revision == held.quote.revision
            assert held.quote.total == sum(SHELF[line.gtin].price * line.quantity for line in now.lines)
        assert (now.state == "held") == (held is not None)
    assert dict(lying(store, anna)) == {MILK: 7, BREAD: 6}
