"""A day's check-in: once a day of the store's, days in a row, one missed day in thirty forgiven."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.ledger import checking_in, queries
from edge.domain.ledger.checking_in import CheckInResult
from edge.domain.ledger.rules import DAY_MS
from edge.domain.members import decisions as members
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.errors import Refusal
from tests.callers import browser_of, by
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal.journal import Journal

HOUR_MS = 3_600_000


async def check_in(store: Journal, member: str) -> CheckInResult:
    return await store.write(checking_in.check_in, caller=by(member))


async def test_ten_taps_count_once(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    done = await asyncio.gather(*(check_in(store, anna) for _ in range(10)))
    assert sorted(each.already for each in done) == [False] + [True] * 9
    assert queries.balance(store.reads, anna, clock.now).points == 5


async def test_a_week_brings_more_and_a_clock_set_back_nothing(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    for day in range(1, 8):
        assert (await check_in(store, anna)).days == day
        clock.now += DAY_MS
    assert queries.balance(store.reads, anna, clock.now).points == 7 * 5 + 30
    clock.now -= 4 * DAY_MS
    assert (await check_in(store, anna)).already
    assert queries.balance(store.reads, anna, clock.now).points == 7 * 5 + 30


@pytest.mark.parametrize(
    ("gaps", "days"), [([1, 1], 3), ([1, 2], 3), ([2, 2], 1), ([3], 1), ([2] + [1] * 29 + [2], 32)]
)
async def test_one_missed_day_in_thirty_is_forgiven(
    store: Journal, clock: SetClock, gaps: list[int], days: int
) -> None:
    anna = await store.write(join, 1)
    done = await check_in(store, anna)
    for gap in gaps:
        clock.now += gap * DAY_MS
        done = await check_in(store, anna)
    assert done.days == days


async def test_two_phones_of_one_person_check_in_once(store: Journal, clock: SetClock) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    assert not (await check_in(store, anna)).already
    assert (await check_in(store, ben)).already
    clock.now += DAY_MS
    assert (await check_in(store, ben)).days == 2


async def test_what_was_forgiven_one_phone_was_forgiven_the_person(store: Journal, clock: SetClock) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    await check_in(store, anna)
    clock.now += 2 * DAY_MS
    assert (await check_in(store, anna)).forgiven
    clock.now += DAY_MS
    assert (await check_in(store, ben)).days == 3
    clock.now += 2 * DAY_MS
    assert await check_in(store, ben) == CheckInResult(already=False, days=1, points=5)


async def test_guests_and_strangers_have_no_streak(store: Journal) -> None:
    guest = await store.write(
        members.come_as_guest,
        member="guest",
        language="en",
        touchpoint="cart-01",
        request="g",
        browser=browser_of("guest"),
    )
    for member in (guest.member, "nobody"):
        with pytest.raises(Refusal, match="not_registered"):
            await check_in(store, member)
