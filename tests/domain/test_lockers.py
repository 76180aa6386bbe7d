"""A parcel's way through a bank of lockers as it should be, which door it gets, and openings that fail."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from edge.domain.callers import Few, Proof
from edge.domain.devices import decisions as devices
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import doors as locker_doors
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.rules import (
    ENDED,
    HELD,
    HOUR_MS,
    MINUTE_MS,
    PARCEL,
    SIZES,
    State,
    choose_door,
    fits,
)
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.domain.noun import InUse
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import BANK, CODES, DOORS, RULES, Bank, digits, seed

if TYPE_CHECKING:
    from edge.journal.journal import Journal


async def test_from_deposit_to_collection(bank: Bank, anna: str, clock: SetClock) -> None:
    opening = await bank.deposit(anna)
    assert bank.state(opening.parcel) == "reserved"
    in_use = [InUse("door", f"{BANK}/{opening.door}", clock.now)]
    assert locker_queries.in_use(bank.store.reads) == in_use, "an update waits for whoever stands there"
    await bank.end(opening)
    assert bank.state(opening.parcel) == "filling"
    assert locker_queries.in_use(bank.store.reads) == in_use
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"
    assert locker_queries.in_use(bank.store.reads) == []
    assert bank.parcel(opening.parcel)["due_ms"] == clock.now + RULES.due_ms
    out = await bank.take(opening.parcel, anna)
    assert out.door == opening.door
    assert bank.state(opening.parcel) == "kept", "an order alone changes nothing"
    await bank.end(out)
    assert bank.state(opening.parcel) == "taking"
    await bank.opens(out.door)
    await bank.closes(out.door, occupied=False)
    assert bank.state(opening.parcel) == "emptied"
    clock.now += RULES.grace_ms + 1
    await bank.tend()
    assert bank.state(opening.parcel) == "collected"
    assert bank.door(opening.door)["parcel"] is None
    assert bank.troubles() == set()


async def test_what_the_sensor_shows_first_counts_before_the_word_comes(bank: Bank, anna: str) -> None:
    opening = await bank.deposit(anna)
    await bank.opens(opening.door)
    assert bank.state(opening.parcel) == "filling"
    await bank.end(opening)
    await bank.closes(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"
    assert bank.facts().count("locker.opened.v1") == 1


async def test_a_second_tap_joins_the_first_and_a_repeat_opens_nothing_twice(bank: Bank, anna: str) -> None:
    request = str(uuid.uuid4())
    first, same, tapped = await asyncio.gather(
        bank.deposit(anna, request=request), bank.deposit(anna, request=request), bank.deposit(anna)
    )
    assert first == same == tapped
    await bank.end(first)
    assert await bank.deposit(anna, request=request) == first
    assert bank.facts().count("locker.open_granted.v1") == 1


async def test_a_request_id_is_its_sender_s_own(bank: Bank, anna: str, ben: str) -> None:
    request = str(uuid.uuid4())
    await bank.deposit(anna, request=request)
    with pytest.raises(Refusal, match="bad_request"):
        await bank.deposit(ben, request=request)


async def test_a_request_that_opened_for_something_else_is_refused(bank: Bank, anna: str) -> None:
    first = await bank.kept(anna)
    second = await bank.kept(anna)
    assert first.parcel is not None
    out = await bank.store.write(lockers.take, parcel=first.parcel, caller=by(anna), request="r1")
    for asked in (
        bank.store.write(lockers.take, parcel=second.parcel, caller=by(anna), request="r1"),
        bank.deposit(anna, request="r1"),
    ):
        with pytest.raises(Refusal, match="bad_request"):
            await asked
    assert await bank.store.write(lockers.take, parcel=first.parcel, caller=by(anna), request="r1") == out
    begun = await bank.deposit(anna, "S", request="r2")
    with pytest.raises(Refusal, match="bad_request"):
        await bank.deposit(anna, "M", request="r2")
    assert await bank.deposit(anna, "S", request="r2") == begun
    by_code = await bank.store.write(lockers.take_by_code, seed=seed(bank, second.parcel), request="c1")
    with pytest.raises(Refusal, match="bad_request"):
        await bank.store.write(lockers.take_by_code, seed=seed(bank, first.parcel), request="c1")
    assert await bank.store.write(lockers.take_by_code, seed=seed(bank, second.parcel), request="c1") == by_code


async def test_many_shoppers_at_once_get_a_door_each(bank: Bank, store: Journal) -> None:
    people = [await store.write(join, number) for number in range(10)]
    results = await asyncio.gather(*(bank.deposit(person) for person in people), return_exceptions=True)
    given = [result.door for result in results if isinstance(result, Opening)]
    assert sorted(given) == [door.name for door in DOORS]
    assert {result.code for result in results if isinstance(result, Refusal)} == {"locker_full"}


async def test_the_smallest_that_fits_and_low_doors_for_those_who_ask(bank: Bank, anna: str, ben: str) -> None:
    assert (await bank.deposit(anna)).door == "01"
    assert (await bank.deposit(ben, low=True)).door == "03"
    with pytest.raises(Refusal, match="not_registered"):
        await bank.deposit("nobody", "L")


async def test_choices(bank: Bank, store: Journal) -> None:
    doors = [each.door for each in locker_queries.doors(store.reads)]
    assert [choose_door(doors, size, low=False).door for size in SIZES] == ["01", "04", "06"]
    assert [choose_door(doors, size, low=True).door for size in SIZES] == ["03", "05", "06"]
    assert fits("L", "S")
    assert not fits("S", "M")
    await bank.show("01", lock="jammed")
    await bank.show("02", occupied=True)
    doors = [each.door for each in locker_queries.doors(store.reads)]
    assert choose_door(doors, "S", low=False).door == "04", "a jammed door last, one with something inside not at all"


async def test_a_door_of_one_s_own_choice(bank: Bank, anna: str, ben: str) -> None:
    assert (await bank.deposit(anna, door="06")).door == "06"
    with pytest.raises(Refusal, match="door_taken"):
        await bank.deposit(ben, door="06")
    with pytest.raises(Refusal, match="door_taken"):
        await bank.deposit(ben, "L", door="01")


async def test_a_broken_sensor_vetoes_nothing(bank: Bank, anna: str) -> None:
    for door in DOORS:
        await bank.show(door.name, lock="unknown", door="unknown", occupied=None)
    assert (await bank.deposit(anna)).door == "01"


async def test_doors_out_of_order_are_not_given(bank: Bank, anna: str, store: Journal) -> None:
    for door in ("01", "02", "03"):
        await store.write(locker_staff.set_usable, bank=BANK, door=door, staff="li", reason="hinge", usable=False)
    assert (await bank.deposit(anna)).door == "04"
    await store.write(locker_staff.set_usable, bank=BANK, door="01", staff="li", reason="", usable=True)
    assert bank.door("01")["out_of_order"] is None


async def test_a_member_has_so_many_parcels_and_no_more(bank: Bank, anna: str) -> None:
    for _ in range(RULES.most):
        await bank.kept(anna)
    with pytest.raises(Refusal, match="too_many_parcels"):
        await bank.deposit(anna)


async def test_one_door_after_the_other(bank: Bank, anna: str) -> None:
    await bank.end(await bank.deposit(anna))
    with pytest.raises(Refusal, match="locker_close_first"):
        await bank.deposit(anna)


@pytest.mark.parametrize("reason", ["jammed", "no_response", "no_reply", "port_lost"])
async def test_a_failed_deposit_leaves_the_door_and_the_next_try_gets_another(
    bank: Bank, anna: str, reason: str
) -> None:
    first = await bank.deposit(anna)
    await bank.end(first, "failed", reason)
    assert bank.state(first.parcel) == "cancelled"
    assert bank.door(first.door)["parcel"] is None
    second = await bank.deposit(anna)
    assert second.door != first.door, "the doubtful door comes last"
    await bank.tend()
    assert bank.troubles() == {(first.door, "jammed" if reason == "jammed" else "dead")}


@pytest.mark.parametrize("outcome", ["failed", "refused", "unknown", "expired", "lapsed"])
async def test_a_failed_collection_never_burns_the_code(bank: Bank, anna: str, outcome: str) -> None:
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna), outcome)
    assert bank.state(kept.parcel) == "kept"
    again = await digits(bank, CODES.digits(seed(bank, kept.parcel)))
    assert again is not None
    await bank.end(again)
    assert bank.state(kept.parcel) == "taking"


async def test_a_late_word_is_believed_and_a_second_one_changes_nothing(bank: Bank, anna: str) -> None:
    kept = await bank.kept(anna)
    late = await bank.take(kept.parcel, anna)
    await bank.end(late, "lapsed", "no_reply")
    await bank.end(late)
    await bank.end(late)
    assert bank.state(kept.parcel) == "taking"
    assert bank.facts().count("locker.opened.v1") == 2


async def test_a_door_that_opens_after_its_time_out_is_put_down_to_its_order(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening, "lapsed", "no_reply")
    assert bank.state(opening.parcel) == "cancelled"
    clock.now += MINUTE_MS
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept", "what was put in is kept"
    assert bank.door(opening.door)["parcel"] == opening.parcel


async def test_a_late_door_that_is_somebody_else_s_by_now_stays_theirs(bank: Bank, anna: str, ben: str) -> None:
    first = await bank.deposit(anna, door="06")
    await bank.end(first, "lapsed", "no_reply")
    second = await bank.deposit(ben, door="06")
    await bank.end(first)
    assert bank.state(first.parcel) == "cancelled"
    assert bank.door("06")["parcel"] == second.parcel


async def test_a_bank_that_is_away_is_refused_at_once(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    await store.write(devices.on_presence, device=BANK, online=False)
    for asked in (bank.deposit(anna), bank.take(kept.parcel, anna)):
        with pytest.raises(Refusal, match="locker_away"):
            await asked


async def test_nothing_opens_by_itself_after_a_crash(bank: Bank, anna: str, ben: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    await bank.take(kept.parcel, anna)
    begun = await bank.deposit(ben)
    assert await store.write(locker_doors.lapse_all) == 2
    assert await store.write(locker_doors.lapse_all) == 0
    assert (bank.state(kept.parcel), bank.state(begun.parcel)) == ("kept", "cancelled")
    assert store.reads.one("SELECT count(*) AS n FROM openings WHERE state='granted'")["n"] == 0
    assert bank.troubles() == set(), "a restart says nothing against the door"


async def test_new_people_leave_some_doors_to_others(bank: Bank, clock: SetClock) -> None:
    few = Few(waiting=100, new=3)

    async def deposit(number: int, proof: Proof = Proof.DEVICE) -> Opening:
        member = await bank.store.write(join, number)
        return await bank.store.write(
            lockers.deposit, codes=CODES, bank=BANK, size="S", caller=by(member, proof), request=f"n-{number}", few=few
        )

    for number in (11, 12, 13):
        await deposit(number)
    with pytest.raises(Refusal, match="kept_for_others"):
        await deposit(14)
    await deposit(15, Proof.VERIFIED)
    clock.now += HOUR_MS + 1
    await deposit(16)


async def test_the_one_who_closed_may_open_again_within_the_grace_minute(
    bank: Bank, anna: str, store: Journal, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    clock.now += 20_000
    again = await store.write(lockers.add_more, parcel=kept.parcel, caller=by(anna), request="a1")
    await bank.end(again)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "filling"
    await bank.closes(kept.door, occupied=True)
    clock.now += RULES.grace_ms + 1
    with pytest.raises(Refusal, match="grace_over"):
        await store.write(lockers.add_more, parcel=kept.parcel, caller=by(anna), request="a2")


async def test_two_orders_for_one_door_do_not_cross(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    await bank.take(kept.parcel, anna)
    with pytest.raises(Refusal, match="door_busy"):
        await store.write(
            locker_staff.staff_open, bank=BANK, door=kept.door, staff="li", purpose="clear", reason="late", request="r1"
        )


def test_the_table_knows_every_state_and_ends_for_ever() -> None:
    states = set(State.__args__)  # type: ignore[attr-defined]
    assert set(PARCEL) == states
    assert {to for events in PARCEL.values() for to in events.values()} | {"reserved"} == states
    assert all(PARCEL[state] == {} for state in ENDED - {"cancelled"})
    assert set(PARCEL["cancelled"]) == {"opened_to_fill"}


def test_from_every_state_there_is_a_way_out() -> None:
    for state in PARCEL:
        seen, edge = {state}, [state]
        while edge:
            edge = [to for at in edge for to in PARCEL[at].values() if to not in seen]
            seen.update(edge)
        assert seen & ENDED, state
    for state in HELD:
        assert "opened_to_take" in PARCEL[state], f"a parcel that is {state} can be collected"


@pytest.mark.parametrize("inside", [True, False])
async def test_an_answer_that_nobody_waits_for_ends_no_collection(bank: Bank, anna: str, inside: bool) -> None:
    """The card of a door that closed over nothing still stood on somebody's page."""
    opening = await bank.fill(anna, "li")
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=True)
    await bank.end(await bank.take(opening.parcel, anna))
    assert bank.state(opening.parcel) == "taking"
    await bank.store.write(locker_staff.answer, parcel=opening.parcel or "", inside=inside)
    assert bank.state(opening.parcel) == "taking"
    decision = lockers.confirm if inside else lockers.withdraw
    await bank.store.write(decision, parcel=opening.parcel or "", caller=by(anna))
    assert bank.state(opening.parcel) == "taking", "nor on the owner's own page"


async def test_two_phones_of_one_person_open_one_door_at_once(bank: Bank, anna: str, ben: str) -> None:
    few, request = Few(waiting=1), "second phone"
    await bank.store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    first = await bank.deposit(anna, few=few)
    joined = await bank.deposit(ben, few=few, request=request)
    assert (joined.door, joined.parcel) == (first.door, first.parcel), "joined, and nobody's crowd"
    await bank.end(first)
    with pytest.raises(Refusal, match="locker_close_first"):
        await bank.deposit(ben)


async def test_a_phone_that_staff_let_in_joins_no_deposit_from_before(bank: Bank, anna: str, ben: str) -> None:
    first = await bank.deposit(anna)
    await bank.store.write(
        joining.link, MembersLinked(member=ben, kin=anna, how="staff", staff="li", evidence="member_card")
    )
    assert (await bank.deposit(ben)).door != first.door


async def test_a_new_phone_of_somebody_known_is_nobody_new(bank: Bank, anna: str, clock: SetClock) -> None:
    clock.now += HOUR_MS + 1
    phone = await bank.store.write(join, 3)
    few = Few(waiting=100, new=0)
    with pytest.raises(Refusal, match="kept_for_others"):
        await bank.deposit(phone, few=few)
    await bank.store.write(joining.link, MembersLinked(member=phone, kin=anna, how="phone"))
    await bank.deposit(phone, few=few)


async def test_a_request_that_comes_again_after_the_guest_registered_is_the_same(
    bank: Bank, anna: str, ben: str
) -> None:
    first = await bank.deposit(anna, request="r1")
    with pytest.raises(Refusal, match="bad_request"):
        await bank.deposit(ben, request="r1")
    await bank.store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    await bank.end(first)
    assert await bank.deposit(ben, request="r1") == first
