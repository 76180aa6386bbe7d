"""Who may act, by PIN, and how long a wrong one has to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.staff import calls
from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.pin_tries import EVERYWHERE, HERE
from edge.domain.staff.rules import SESSION_MS, LoginPlace, StaffMember
from edge.errors import Refusal
from edge.journal.journal import Journal

if TYPE_CHECKING:
    from tests.domain.conftest import SetClock

LI = StaffMember("li", "李", "staff", "k1")
WANG = StaffMember("wang", "Wang", "manager", "k2")
THERE, ELSEWHERE = LoginPlace("address:1", known=False), LoginPlace("address:2", known=False)


@pytest.fixture
async def team(store: Journal) -> Journal:
    await store.write(staff.appoint, [LI, WANG])
    return store


def types(store: Journal) -> list[str]:
    return [entry.type for entry in store.after(0, 10_000) if entry.type.startswith("staff.")]


async def wrong(store: Journal, times: int, clock: SetClock, place: LoginPlace = THERE) -> int:
    """So many wrong PINs, each as soon as it may be; returns the last delay."""
    delay = 0
    for _ in range(times):
        clock.now += delay
        delay = await store.write(staff.record_failed_login, staff="li", place=place)
    return delay


async def test_only_what_differs_becomes_a_fact(team: Journal) -> None:
    await team.write(staff.appoint, [LI, WANG])
    assert types(team) == ["staff.appointed.v1"] * 2
    await team.write(staff.appoint, [LI])
    assert types(team)[2:] == ["staff.dismissed.v1"]


async def test_a_session_lasts_a_shift_and_ends_when_told(team: Journal, clock: SetClock) -> None:
    person = await team.write(staff.log_in, staff="li", key="k1", session="s1", place=THERE)
    assert (person.name, person.role) == ("李", "staff")
    assert staff_queries.logged_in(team.reads, "s1", clock.now) == person
    assert staff_queries.logged_in(team.reads, "s1", clock.now + SESSION_MS + 1) is None
    assert await team.write(staff.log_out, session="s1")
    assert not await team.write(staff.log_out, session="s1")
    assert staff_queries.logged_in(team.reads, "s1", clock.now) is None


@pytest.mark.parametrize("change", [[WANG], [StaffMember("li", "李", "staff", "k9"), WANG]])
async def test_who_is_dismissed_or_gets_a_new_pin_is_out(
    team: Journal, clock: SetClock, change: list[StaffMember]
) -> None:
    await team.write(staff.log_in, staff="li", key="k1", session="s1", place=THERE)
    await team.write(staff.appoint, change)
    assert staff_queries.logged_in(team.reads, "s1", clock.now) is None


async def test_wrong_pins_make_the_next_wait_longer_each_time(team: Journal, clock: SetClock) -> None:
    place = THERE
    assert await wrong(team, HERE.free - 1, clock) == 0
    assert await wrong(team, 1, clock) == HERE.first_ms
    with pytest.raises(Refusal, match="pin_locked"):
        await team.write(staff.record_failed_login, staff="li", place=place)
    with pytest.raises(Refusal, match="pin_locked"):  # the right PIN waits as well
        await team.write(staff.log_in, staff="li", key="k1", session="s1", place=THERE)
    clock.now += HERE.first_ms
    assert await wrong(team, 1, clock) == 2 * HERE.first_ms
    assert [need.kind for need in staff_queries.needs(team.reads, clock.now)] == ["pin_locked"]
    clock.now += 2 * HERE.first_ms
    assert staff_queries.needs(team.reads, clock.now) == []
    assert await wrong(team, 20, clock) >= HERE.leak_ms


async def test_an_honest_login_buys_a_guesser_nothing(team: Journal, clock: SetClock) -> None:
    before = await wrong(team, HERE.free + 1, clock)
    clock.now += before
    await team.write(staff.log_in, staff="li", key="k1", session="s1", place=THERE, browser="b")
    await team.write(staff.log_in, staff="li", key="k1", session="s2", place=ELSEWHERE)
    assert await wrong(team, 1, clock) == 2 * before


async def test_guessing_from_everywhere_waits_too(team: Journal, clock: SetClock) -> None:
    places = [LoginPlace(f"address:{n}", known=False) for n in range(200)]
    waits = []
    for place in places[: EVERYWHERE.free + 4]:
        waits.append(staff_queries.may_try(team.reads, "li", place, clock.now))
        clock.now += waits[-1]
        await team.write(staff.record_failed_login, staff="li", place=place)
    assert waits == [0] * EVERYWHERE.free + [EVERYWHERE.first_ms * 2**n for n in range(4)]
    assert [row["place"] for row in team.reads.all("SELECT DISTINCT place FROM staff_tries WHERE place=''")] == [""]


async def test_a_year_of_guessing_finds_next_to_nothing(team: Journal, clock: SetClock) -> None:
    """As fast as it is let, from one address; the bound that the documents name."""
    until, tried = clock.now + 30 * 86_400_000, 0
    while clock.now < until:
        await wrong(team, 1, clock)
        tried += 1
        clock.now += staff_queries.may_try(team.reads, "li", THERE, clock.now)
    assert tried * 12 < 1_500


async def test_a_known_browser_is_nobody_elses_business(team: Journal, clock: SetClock) -> None:
    await team.write(staff.log_in, staff="li", key="k1", session="s1", place=THERE, browser="b1")
    hers = staff_queries.place_of(team.reads, "li", "b1", "1")
    assert (hers.key, hers.known) == ("browser:b1", True)
    assert not staff_queries.place_of(team.reads, "wang", "b1", "1").known
    for place in [LoginPlace(f"address:{n}", known=False) for n in range(EVERYWHERE.free + 3)]:
        clock.now += staff_queries.may_try(team.reads, "li", place, clock.now)
        await team.write(staff.record_failed_login, staff="li", place=place)
    assert staff_queries.may_try(team.reads, "li", ELSEWHERE, clock.now) > 0
    assert staff_queries.may_try(team.reads, "li", hers, clock.now) == 0
    await team.write(staff.log_in, staff="li", key="k1", session="s3", place=hers, browser="b1")
    assert await wrong(team, HERE.free, clock, hers) == HERE.first_ms
    # A new PIN forgets the browsers, the waits and the sessions.
    await team.write(staff.appoint, [StaffMember("li", "李", "staff", "k9"), WANG])
    assert not staff_queries.place_of(team.reads, "li", "b1", "1").known
    assert staff_queries.may_try(team.reads, "li", ELSEWHERE, clock.now) == 0
    assert staff_queries.sessions(team.reads, clock.now) == []


async def test_fingers_that_slip_each_morning_never_add_up(team: Journal, clock: SetClock) -> None:
    for _ in range(60):
        assert await wrong(team, 2, clock) == 0
        clock.now += 86_400_000


async def test_a_lost_list_of_operators_dismisses_nobody(team: Journal) -> None:
    chen = StaffMember("chen", "Chen", "operator", "k3")
    await team.write(staff.appoint, [LI, WANG, chen])
    await team.write(staff.appoint, [LI], whole=frozenset({"staff", "manager"}))
    assert [row["staff"] for row in team.reads.all("SELECT staff FROM staff ORDER BY staff")] == ["chen", "li"]


async def test_the_others_are_not_locked_out(team: Journal, clock: SetClock) -> None:
    await wrong(team, HERE.free, clock)
    assert (await team.write(staff.log_in, staff="wang", key="k2", session="s2", place=THERE)).role == "manager"


async def test_setting_the_clock_back_opens_nothing(team: Journal, clock: SetClock) -> None:
    delay = await wrong(team, HERE.free + 2, clock)
    clock.now -= 10 * 86_400_000
    assert staff_queries.may_try(team.reads, "li", THERE, clock.now) == delay


async def test_a_stranger_is_told_the_same_as_a_wrong_pin(team: Journal) -> None:
    with pytest.raises(Refusal, match="pin_wrong"):
        await team.write(staff.record_failed_login, staff="nobody", place=THERE)
    with pytest.raises(Refusal, match="pin_wrong"):
        await team.write(staff.log_in, staff="nobody", key="", session="s", place=THERE)


async def test_an_act_is_recorded_once(team: Journal) -> None:
    act = {"staff": "li", "action": "test_print", "target": "printer-1", "request": "r1"}
    assert await team.write(staff.record_act, **act)
    assert not await team.write(staff.record_act, **act)
    for other in ({"target": "printer-2"}, {"action": "blink"}):
        with pytest.raises(Refusal, match="bad_request"):
            await team.write(staff.record_act, **{**act, **other})
    assert [act.name for act in staff_queries.acts(team.reads, 5)] == ["李"]


async def test_the_same_request_from_elsewhere_calls_somebody_there(store: Journal) -> None:
    asked = {"browser": "anna's", "request": "r1", "touchpoint": ""}
    first = await store.write(calls.call, zone="baby", **asked)
    assert await store.write(calls.call, zone="entrance", **asked) == first, "one call at a time"
    await store.write(calls.withdraw, browser="anna's")
    assert await store.write(calls.call, zone="baby", **asked) == first
    assert await store.write(calls.call, zone="entrance", **asked) != first


async def test_an_old_done_ends_no_call_that_somebody_else_took_since(store: Journal, clock: SetClock) -> None:
    shown = []
    for browser in ("anna's", "ben's"):
        clock.now += 60_000
        await store.write(calls.call, zone="baby", touchpoint="", browser=browser, request=browser)
        await store.write(calls.take, place="baby", staff="li", name="Li")
        (need,) = staff_queries.call_needs(store.reads, clock.now)
        shown.append(need.details["call"])
    await store.write(calls.withdraw, browser="anna's")
    assert not await store.write(calls.end, place="baby", shown=shown[0])
    assert not await store.write(calls.end, place="baby", shown="one that is forgotten")
    assert await store.write(calls.end, place="baby", shown=shown[1])
    assert staff_queries.call_needs(store.reads, clock.now) == []
