"""Who may act, by PIN, and how long a wrong one has to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain import staff
from edge.domain.staff import FIRST_DELAY_MS, FREE_TRIES, LONGEST_DELAY_MS, SESSION_MS, Member
from edge.errors import Refusal
from edge.journal import Journal

if TYPE_CHECKING:
    from tests.domain.conftest import SetClock

LI = Member("li", "李", "staff", "k1")
WANG = Member("wang", "Wang", "manager", "k2")


@pytest.fixture
async def team(store: Journal) -> Journal:
    await store.write(staff.appoint, [LI, WANG])
    return store


def types(store: Journal) -> list[str]:
    return [entry.type for entry in store.after(0, 10_000) if entry.type.startswith("staff.")]


async def wrong(store: Journal, times: int, clock: SetClock) -> int:
    """So many wrong PINs, each as soon as it may be; returns the last delay."""
    delay = 0
    for _ in range(times):
        clock.now += delay
        delay = await store.write(staff.fail, staff="li")
    return delay


async def test_only_what_differs_becomes_a_fact(team: Journal) -> None:
    await team.write(staff.appoint, [LI, WANG])
    assert types(team) == ["staff.appointed.v1"] * 2
    await team.write(staff.appoint, [LI])
    assert types(team)[2:] == ["staff.dismissed.v1"]


async def test_a_session_lasts_a_shift_and_ends_when_told(team: Journal, clock: SetClock) -> None:
    person = await team.write(staff.log_in, staff="li", key="k1", session="s1")
    assert (person.name, person.role) == ("李", "staff")
    assert staff.who(team.reads, "s1", clock.now) == person
    assert staff.who(team.reads, "s1", clock.now + SESSION_MS + 1) is None
    assert await team.write(staff.log_out, session="s1")
    assert not await team.write(staff.log_out, session="s1")
    assert staff.who(team.reads, "s1", clock.now) is None


@pytest.mark.parametrize("change", [[WANG], [Member("li", "李", "staff", "k9"), WANG]])
async def test_who_is_dismissed_or_gets_a_new_pin_is_out(team: Journal, clock: SetClock, change: list[Member]) -> None:
    await team.write(staff.log_in, staff="li", key="k1", session="s1")
    await team.write(staff.appoint, change)
    assert staff.who(team.reads, "s1", clock.now) is None


async def test_wrong_pins_make_the_next_wait_longer_each_time(team: Journal, clock: SetClock) -> None:
    assert await wrong(team, FREE_TRIES - 1, clock) == 0
    assert await wrong(team, 1, clock) == FIRST_DELAY_MS
    with pytest.raises(Refusal, match="pin_locked"):
        await team.write(staff.fail, staff="li")
    with pytest.raises(Refusal, match="pin_locked"):  # the right PIN waits as well
        await team.write(staff.log_in, staff="li", key="k1", session="s1")
    clock.now += FIRST_DELAY_MS
    assert await wrong(team, 1, clock) == 2 * FIRST_DELAY_MS
    assert [need.kind for need in staff.needs(team.reads, clock.now)] == ["pin_locked"]
    clock.now += 2 * FIRST_DELAY_MS
    assert await wrong(team, 20, clock) == LONGEST_DELAY_MS
    clock.now += LONGEST_DELAY_MS
    await team.write(staff.log_in, staff="li", key="k1", session="s1")
    assert await wrong(team, 1, clock) == 0


async def test_the_others_are_not_locked_out(team: Journal, clock: SetClock) -> None:
    await wrong(team, FREE_TRIES, clock)
    assert (await team.write(staff.log_in, staff="wang", key="k2", session="s2")).role == "manager"


async def test_setting_the_clock_back_opens_nothing(team: Journal, clock: SetClock) -> None:
    delay = await wrong(team, FREE_TRIES + 2, clock)
    clock.now -= 10 * 86_400_000
    assert staff.may_try(team.reads, "li", clock.now) == delay


async def test_a_stranger_is_told_the_same_as_a_wrong_pin(team: Journal) -> None:
    with pytest.raises(Refusal, match="pin_wrong"):
        await team.write(staff.fail, staff="nobody")
    with pytest.raises(Refusal, match="pin_wrong"):
        await team.write(staff.log_in, staff="nobody", key="", session="s")


async def test_an_act_is_recorded_once(team: Journal) -> None:
    act = {"staff": "li", "action": "test_print", "target": "printer-1", "request": "r1"}
    assert await team.write(staff.acted, **act)
    assert not await team.write(staff.acted, **act)
    assert [row["name"] for row in staff.acts(team.reads, 5)] == ["李"]
