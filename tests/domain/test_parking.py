"""A basket is handed over by a code: one taker, line by line, at the prices of now, for half an hour."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding, parked, parking, queries
from edge.domain.baskets.merging import Changed
from edge.domain.baskets.rules import MAX_PIECES, PARK_MS, Owner
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.test_baskets import BREAD, MILK, SHELF, WINE, add, good, hold, lying, quoted

if TYPE_CHECKING:
    from edge.journal.journal import Journal

HERE = Owner(session="screen/screen-baby/one")
NOW = {gtin: goods.price for gtin, goods in SHELF.items()}


async def gather(store: Journal, *gtins: str, owner: Owner = HERE, basket: str = "s1") -> str:
    """What was gathered at a screen, with its code's seed."""
    for number, gtin in enumerate(gtins):
        what = good(gtin)
        await store.write(baskets.add_at, owner=owner, basket=basket, good=what, request=f"{basket}-{number}")
    made = await store.write(parking.park_at, owner=owner, seed=f"seed-{basket}", place="screen-baby")
    assert made.basket == basket
    return made.seed


async def take(store: Journal, member: str, seed: str, **prices: int | None) -> parking.TakenBasket:
    now = {**NOW, **{gtin.removeprefix("p"): price for gtin, price in prices.items()}}
    return await store.write(parking.take, caller=by(member), seed=seed, basket=f"of-{member}", prices=now)


async def test_one_phone_has_it_and_the_second_is_told_who(store: Journal, clock: SetClock) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    seed = await gather(store, MILK, MILK, BREAD)
    found = await asyncio.gather(
        take(store, anna, seed), take(store, ben, seed), take(store, anna, seed), return_exceptions=True
    )
    taken, refused, again = found
    assert isinstance(taken, parking.TakenBasket)
    assert isinstance(again, parking.TakenBasket)
    assert isinstance(refused, Refusal)
    assert (taken.pieces, taken.already, again.already) == (3, False, True)
    assert (refused.code, refused.details) == ("basket_taken", {"by": "phone", "taken_ms": clock.now})
    assert lying(store, anna) == [(MILK, 2), (BREAD, 1)]
    assert lying(store, ben) == []
    assert queries.of_session(store.reads, HERE.session) is None
    last = parked.taken_last(store.reads, HERE.session)
    assert last is not None
    assert (last.by, last.into) == ("phone", taken.basket)


async def test_it_comes_line_by_line_at_the_prices_of_now(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(), "own")
    await add(store, anna, good(MILK, grams=700), "bag")
    seed = await gather(store, MILK, BREAD, WINE)
    dearer, gone = 1490, None
    taken = await take(store, anna, seed, **{f"p{MILK}": dearer, f"p{WINE}": gone})
    assert taken.changed == (Changed(MILK, 1290, dearer), Changed(WINE, 5000, None))
    assert lying(store, anna) == [(MILK, 2), (MILK, 1), (BREAD, 1), (WINE, 1)]
    found = queries.now(store.reads, taken.basket)
    assert found is not None
    assert [line.price for line in found.lines if line.gtin == BREAD] == [890]
    assert [line.grams for line in found.lines] == [None, 700, None, None]


async def test_more_than_one_line_takes_stays_a_second_line(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(MILK, quantity=MAX_PIECES), "own")
    await take(store, anna, await gather(store, MILK))
    assert lying(store, anna) == [(MILK, MAX_PIECES), (MILK, 1)]


async def test_after_half_an_hour_nobody_has_it_and_the_screen_forgets_it(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    seed = await gather(store, MILK)
    clock.now += PARK_MS - 1
    await store.write(parking.on_tick)
    assert parked.waiting(store.reads, clock.now)
    clock.now += 1
    with pytest.raises(Refusal, match="basket_gone"):
        await take(store, anna, seed)
    await store.write(parking.on_tick)
    assert queries.of_session(store.reads, HERE.session) is None
    assert parked.waiting(store.reads, clock.now) == []
    with pytest.raises(Refusal, match="basket_gone"):
        await take(store, anna, "no such seed")


async def test_the_code_stays_the_same_while_it_is_good_and_its_time_begins_anew(
    store: Journal, clock: SetClock
) -> None:
    seed = await gather(store, MILK)
    clock.now += PARK_MS - 1000
    again = await store.write(parking.park_at, owner=HERE, seed="another", place="screen-baby")
    assert (again.seed, again.until_ms) == (seed, clock.now + PARK_MS)
    clock.now += 1000
    same = await store.write(parking.park_at, owner=HERE, seed="another", place="screen-baby")
    assert same.until_ms == again.until_ms
    empty = Owner(session="screen/screen-baby/two")
    with pytest.raises(Refusal, match="basket_empty"):
        await store.write(parking.park_at, owner=empty, seed="another", place="screen-baby")


async def test_a_phones_basket_goes_to_a_screen_and_back(store: Journal) -> None:
    anna = await store.write(join, 1)
    await add(store, anna, good(), "own")
    out = await store.write(parking.park, caller=by(anna), seed="out")
    assert (await take(store, anna, out.seed)).already  # her own
    await gather(store, MILK, BREAD)
    taken = await store.write(parking.take_at, owner=HERE, seed="out", basket="new", prices=NOW)
    assert (taken.basket, taken.pieces) == ("s1", 1)
    assert lying(store, anna) == []
    with pytest.raises(Refusal) as refused:
        await store.write(parking.take_at, owner=Owner(session="till/3/7"), seed="out", basket="new", prices=NOW)
    assert refused.value.details["by"] == "screen"
    back = await store.write(parking.park_at, owner=HERE, seed="x", place="screen-baby")
    await take(store, anna, back.seed)
    assert lying(store, anna) == [(MILK, 2), (BREAD, 1)]


async def test_what_is_held_is_let_go_with_it(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await add(store, anna, good(), "own")
    await add(store, ben, good(BREAD), "bens", "b2")
    await hold(store, anna, quoted(store))
    out = await store.write(parking.park, caller=by(anna), seed="out")
    await take(store, ben, out.seed)
    assert queries.hold(store.reads, "b1") is None
    assert await store.write(holding.on_tick) is None
    assert lying(store, ben) == [(BREAD, 1), (MILK, 1)]
