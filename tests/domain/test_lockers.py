"""A parcel's way through a bank of lockers, and everything that can go wrong on it."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.cli.whole_check import SettingsInForce, changes_in
from edge.domain.callers import Few, Proof
from edge.domain.devices import decisions as devices
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import doors as locker_doors
from edge.domain.lockers import entering
from edge.domain.lockers import needs as locker_needs
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.decisions import PlannedDoor
from edge.domain.lockers.entering import CodeEntry
from edge.domain.lockers.facts import LockerCodeRefused
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.rules import (
    DAY_MS,
    ENDED,
    HELD,
    HOUR_MS,
    MINUTE_MS,
    PARCEL,
    SIZES,
    State,
    choose,
    fee,
    fits,
)
from edge.domain.lockers.staff import Purpose
from edge.domain.lockers.tables import ENDS, SCHEMA
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.domain.noun import InUse
from edge.errors import Refusal
from edge.settings.agreements import BankSettings
from edge.settings.settings import load
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import BANK, CODES, DOORS, RULES, Bank, build

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal


@pytest.fixture
async def bank(store: Journal) -> Bank:
    await store.write(build)
    made = Bank(store)
    await made.look()
    return made


@pytest.fixture
async def anna(store: Journal) -> str:
    return await store.write(join, 1)


@pytest.fixture
async def ben(store: Journal) -> str:
    return await store.write(join, 2)


def seed(bank: Bank, parcel: str | None, *, shared: bool = False) -> str:
    row = bank.store.reads.one("SELECT seed FROM parcel_codes WHERE parcel=? AND shared=?", parcel, shared)
    return str(row["seed"])


PHONE = CodeEntry("phone")


async def digits(bank: Bank, text: str, place: CodeEntry = PHONE) -> Opening | None:
    request = str(uuid.uuid4())
    return await bank.store.write(
        lockers.take_by_digits, codes=CODES, bank=BANK, digits=text, request=request, place=place
    )


def wrong(bank: Bank) -> str:
    """Six digits that no parcel has."""
    taken = {CODES.digits(row["seed"]) for row in bank.store.reads.all("SELECT seed FROM parcel_codes")}
    return next(text for n in range(100) if (text := f"{n:06d}") not in taken)


# the way as it should be


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


async def test_many_shoppers_at_once_get_a_door_each(bank: Bank, store: Journal) -> None:
    people = [await store.write(join, number) for number in range(10)]
    results = await asyncio.gather(*(bank.deposit(person) for person in people), return_exceptions=True)
    given = [result.door for result in results if isinstance(result, Opening)]
    assert sorted(given) == [door.name for door in DOORS]
    assert {result.code for result in results if isinstance(result, Refusal)} == {"locker_full"}


# which door


async def test_the_smallest_that_fits_and_low_doors_for_those_who_ask(bank: Bank, anna: str, ben: str) -> None:
    assert (await bank.deposit(anna)).door == "01"
    assert (await bank.deposit(ben, low=True)).door == "03"
    with pytest.raises(Refusal, match="not_registered"):
        await bank.deposit("nobody", "L")


async def test_choices(bank: Bank, store: Journal) -> None:
    doors = [each.door for each in locker_queries.doors(store.reads)]
    assert [choose(doors, size, low=False).door for size in SIZES] == ["01", "04", "06"]
    assert [choose(doors, size, low=True).door for size in SIZES] == ["03", "05", "06"]
    assert fits("L", "S")
    assert not fits("S", "M")
    await bank.show("01", lock="jammed")
    await bank.show("02", occupied=True)
    doors = [each.door for each in locker_queries.doors(store.reads)]
    assert choose(doors, "S", low=False).door == "04", "a jammed door last, one with something inside not at all"


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
        await store.write(locker_staff.set_order, bank=BANK, door=door, staff="li", reason="hinge", usable=False)
    assert (await bank.deposit(anna)).door == "04"
    await store.write(locker_staff.set_order, bank=BANK, door="01", staff="li", reason="", usable=True)
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


# openings that fail


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


# doors that do not do as they should


async def test_a_door_that_nobody_opens(bank: Bank, anna: str, clock: SetClock) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    clock.now += RULES.wait_ms + 1
    await bank.tend()
    assert bank.state(opening.parcel) == "cancelled"
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna))
    clock.now += RULES.wait_ms + 1
    await bank.tend()
    assert bank.state(kept.parcel) == "kept", "its code is as good as before"


async def test_a_door_left_open_is_told_and_then_over(bank: Bank, anna: str, clock: SetClock) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    clock.now += RULES.open_ms + 1
    await bank.tend()
    await bank.tend()
    assert bank.troubles() == {(opening.door, "left_open")}
    assert bank.facts().count("locker.trouble.v1") == 1
    assert bank.state(opening.parcel) == "filling"
    assert [need.kind for need in locker_needs.needs(bank.store.reads, clock.now)] == ["locker_left_open"]
    await bank.closes(opening.door, occupied=True)
    await bank.tend()
    assert bank.troubles() == set()
    assert bank.state(opening.parcel) == "kept"


async def test_a_forced_door_is_recorded_and_the_parcel_still_collectable(
    bank: Bank, anna: str, store: Journal, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    clock.now += HOUR_MS
    await bank.opens(kept.door)
    await bank.tend()
    assert bank.state(kept.parcel) == "forced"
    assert bank.troubles() == {(kept.door, "forced")}
    await bank.closes(kept.door, occupied=True)
    assert bank.state(kept.parcel) == "forced", "only a person can say that it is all right"
    await store.write(locker_staff.vouch, bank=BANK, door=kept.door, staff="li", reason="seal unbroken")
    await bank.tend()
    assert (bank.state(kept.parcel), bank.troubles()) == ("kept", set())


async def test_an_empty_door_that_is_forced_is_told_until_staff_has_looked(bank: Bank, store: Journal) -> None:
    await bank.opens("05")
    await bank.closes("05", occupied=False)
    await bank.tend()
    assert bank.troubles() == {("05", "forced")}
    look = await store.write(
        locker_staff.staff_open, bank=BANK, door="05", staff="li", purpose="inspect", reason="look", request="r1"
    )
    await bank.end(look)
    await bank.opens("05")
    await bank.closes("05", occupied=False)
    await bank.tend()
    assert bank.troubles() == set()


async def test_a_door_that_did_not_latch_is_not_forced(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    clock.now += 500
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "filling"
    await bank.closes(kept.door, occupied=True)
    assert bank.state(kept.parcel) == "kept"


async def test_a_jammed_door_is_a_trouble_until_it_moves_again(bank: Bank, anna: str) -> None:
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna), "failed", "jammed")
    await bank.show(kept.door, lock="jammed")
    await bank.tend()
    assert bank.troubles() == {(kept.door, "jammed")}
    await bank.show(kept.door, lock="locked")
    await bank.end(await bank.take(kept.parcel, anna))
    await bank.tend()
    assert bank.troubles() == set()


async def test_a_dead_board_does_not_stop_the_other_doors(bank: Bank, anna: str, ben: str) -> None:
    dead = await bank.deposit(anna)
    await bank.end(dead, "failed", "no_response")
    assert bank.state((await bank.kept(ben)).parcel) == "kept"


async def test_something_behind_a_free_door_is_told_and_the_door_left_alone(bank: Bank, anna: str) -> None:
    for door in ("01", "02"):
        await bank.show(door, occupied=True)
    await bank.tend()
    assert bank.troubles() == {("01", "occupied"), ("02", "occupied")}
    assert (await bank.deposit(anna)).door == "04"
    await bank.show("01", occupied=False)
    await bank.tend()
    assert bank.troubles() == {("02", "occupied")}


async def test_closed_with_nothing_inside_asks_the_shopper(bank: Bank, anna: str, ben: str, store: Journal) -> None:
    mine, theirs = await bank.deposit(anna), await bank.deposit(ben)
    for opening in (mine, theirs):
        await bank.end(opening)
        await bank.opens(opening.door)
        await bank.closes(opening.door, occupied=False)
        assert bank.state(opening.parcel) == "unsure"
    await store.write(lockers.confirm, parcel=mine.parcel, caller=by(anna))
    await store.write(lockers.withdraw, parcel=theirs.parcel, caller=by(ben))
    assert (bank.state(mine.parcel), bank.state(theirs.parcel)) == ("kept", "cancelled")
    await bank.tend()
    assert bank.troubles() == {(mine.door, "empty")}, "a letter that no sensor sees is kept, and known to be doubtful"


async def test_in_doubt_a_door_stays_locked(bank: Bank, anna: str, clock: SetClock) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=False)
    clock.now += RULES.open_ms + 1
    await bank.tend()
    assert bank.state(opening.parcel) == "kept"


async def test_a_slow_sensor_is_waited_for(bank: Bank, anna: str, clock: SetClock) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=False)
    await bank.show(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"
    await bank.end(await bank.take(opening.parcel, anna))
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept", "closed again with the parcel inside"
    clock.now += 2000
    await bank.show(opening.door, occupied=False)
    assert bank.state(opening.parcel) == "emptied"


async def test_a_parcel_put_back_is_kept(bank: Bank, anna: str) -> None:
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna))
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=True)
    assert bank.state(kept.parcel) == "kept"


async def test_a_bank_without_sensors(bank: Bank, anna: str, store: Journal, clock: SetClock) -> None:
    await store.write(lockers.install, {BANK: DOORS, "locker-b": (PlannedDoor("01", "M"),)}, RULES)
    opening = await store.write(
        lockers.deposit, codes=CODES, bank="locker-b", size="S", caller=by(anna), request=str(uuid.uuid4())
    )
    await bank.end(opening)
    await store.write(lockers.confirm, parcel=opening.parcel, caller=by(anna))
    assert bank.state(opening.parcel) == "kept"
    await bank.end(await bank.take(opening.parcel, anna))
    clock.now += RULES.wait_ms + 1
    await bank.tend()
    assert bank.state(opening.parcel) == "emptied"


async def test_an_open_door_cannot_be_confirmed_closed(bank: Bank, anna: str, store: Journal) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    with pytest.raises(Refusal, match="locker_close_first"):
        await store.write(lockers.confirm, parcel=opening.parcel, caller=by(anna))


# reconnecting


async def test_opened_and_closed_while_nobody_looked(bank: Bank, anna: str, store: Journal) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    # The broker was away while the door moved: the sensors show what they showed before, but the bank tells.
    await store.write(locker_doors.on_event, bank=BANK, event="door_opened", door=opening.door)
    await bank.show(opening.door, occupied=True)
    await store.write(locker_doors.on_event, bank=BANK, event="door_closed", door=opening.door)
    assert bank.state(opening.parcel) == "kept"


async def test_opened_after_a_crash_as_the_bank_tells(bank: Bank, anna: str, store: Journal) -> None:
    opening = await bank.deposit(anna)
    await store.write(locker_doors.lapse_all)
    await store.write(locker_doors.on_event, bank=BANK, event="door_opened", door=opening.door)
    await bank.show(opening.door, occupied=True)
    await store.write(locker_doors.on_event, bank=BANK, event="door_closed", door=opening.door)
    assert bank.state(opening.parcel) == "kept"


async def test_a_parcel_whose_door_is_found_open_is_forced(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    clock.now += HOUR_MS
    await bank.show(kept.door, lock="unknown", door="unknown", occupied=None)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "forced"


# who may collect


async def test_six_digits_open_the_right_door(bank: Bank, anna: str, ben: str) -> None:
    mine, theirs = await bank.kept(anna), await bank.kept(ben)
    out = await digits(bank, CODES.digits(seed(bank, theirs.parcel)))
    assert out is not None
    assert (out.parcel, out.door) == (theirs.parcel, theirs.door)
    assert bank.state(mine.parcel) == "kept"


async def test_a_code_is_good_until_the_parcel_is_gone(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    code = CODES.digits(seed(bank, kept.parcel))
    await bank.end(await digits(bank, code))  # type: ignore[arg-type]
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=False)
    again = await digits(bank, code)
    assert again is not None, "within the grace minute it opens once more"
    await bank.end(again)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "taking"
    await bank.closes(kept.door, occupied=False)
    clock.now += RULES.grace_ms + 1
    with pytest.raises(Refusal, match="parcel_gone"):
        await bank.take(kept.parcel, anna)
    await bank.tend()
    assert bank.state(kept.parcel) == "collected"
    assert await digits(bank, code) is None


async def test_who_asks_again_what_was_collected_meanwhile_tries_nothing_wrong(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    asked = {
        "codes": CODES,
        "bank": BANK,
        "digits": CODES.digits(seed(bank, kept.parcel)),
        "request": "r",
        "place": PHONE,
    }
    assert isinstance(await bank.store.write(entering.look_by_digits, **asked), entering.Behind)
    out = await bank.store.write(lockers.take_by_digits, **asked)
    await bank.end(out)
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=False)
    clock.now += RULES.grace_ms + 1
    await bank.tend()
    assert bank.state(kept.parcel) == "collected"
    assert await bank.store.write(entering.look_by_digits, **asked) == out
    assert bank.store.reads.all("SELECT * FROM wrong_codes") == []


async def test_guessing_gets_slower_and_slower(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    guess, good = wrong(bank), CODES.digits(seed(bank, kept.parcel))
    for _ in range(5):
        assert await digits(bank, guess) is None
    for minutes in (1, 2, 4):
        with pytest.raises(Refusal, match="parcel_wait") as refused:
            await digits(bank, good)
        assert refused.value.details["seconds"] == minutes * 60
        clock.now += minutes * MINUTE_MS
        assert await digits(bank, guess) is None
    # Guessing cost the guesser alone: another phone, the keypad and the owner's own phone go on.
    for elsewhere in (CodeEntry("phone of a friend"), CodeEntry("keypad", keypad=True)):
        opened = await digits(bank, good, place=elsewhere)
        assert opened is not None
        await bank.end(opened)
        await bank.opens(kept.door)
        await bank.closes(kept.door, occupied=True)
    # The owner's phone needs no digits, and after a quiet hour the phone is forgiven.
    assert (await bank.take(kept.parcel, anna)).door == kept.door
    clock.now += 2 * HOUR_MS
    assert await digits(bank, guess) is None
    assert await digits(bank, good) is not None


async def test_a_keypad_waits_a_minute_at_most(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    keypad = CodeEntry("keypad", keypad=True)
    for _ in range(12):
        assert await digits(bank, wrong(bank), place=keypad) is None
        clock.now += MINUTE_MS
    assert await digits(bank, CODES.digits(seed(bank, kept.parcel)), place=keypad) is not None


async def test_wrong_digits_of_an_earlier_build_stop_nobody(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)

    def as_before(tx: Tx) -> None:
        tx.emit(LockerCodeRefused(bank=BANK, wrong=9, until_ms=clock.now + HOUR_MS))

    await bank.store.write(as_before)
    assert await digits(bank, CODES.digits(seed(bank, kept.parcel))) is not None


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


async def test_the_journal_holds_no_code(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    code = CODES.digits(seed(bank, kept.parcel)).encode()
    assert not any(code in entry.body for entry in store.after(0, 1000))


async def test_two_parcels_at_a_bank_never_share_their_digits(bank: Bank, anna: str, ben: str) -> None:
    class Alike:
        """Codes whose digits collide often."""

        @staticmethod
        def digits(seed: str) -> str:
            return f"{int(seed.rpartition('-')[2]) % 3:06d}"

        @staticmethod
        def seed(request: str, number: int) -> str:
            return f"{request}-{number}"

    seeds = []
    for member in (anna, ben):
        opening = await bank.store.write(
            lockers.deposit, codes=Alike(), bank=BANK, size="S", caller=by(member), request=str(uuid.uuid4())
        )
        seeds.append(seed(bank, opening.parcel))
    assert len({Alike.digits(each) for each in seeds}) == 2


async def test_somebody_else_s_parcel_looks_like_none(bank: Bank, anna: str, ben: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    for decision in (lockers.take, lockers.add_more):
        with pytest.raises(Refusal, match="parcel_unknown"):
            await store.write(decision, parcel=kept.parcel, caller=by(ben), request=str(uuid.uuid4()))
    for decision in (lockers.confirm, lockers.withdraw, lockers.unshare):
        with pytest.raises(Refusal, match="parcel_unknown"):
            await store.write(decision, parcel=kept.parcel, caller=by(ben))


async def test_a_shared_code_opens_and_can_be_taken_back(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    first = await store.write(lockers.share, codes=CODES, parcel=kept.parcel, caller=by(anna), request="s1")
    assert await store.write(lockers.share, codes=CODES, parcel=kept.parcel, caller=by(anna), request="s2") == first
    assert first != seed(bank, kept.parcel)
    await store.write(lockers.unshare, parcel=kept.parcel, caller=by(anna))
    with pytest.raises(Refusal, match="parcel_unknown"):
        await store.write(lockers.take_by_code, seed=first, request="t1")
    second = await store.write(lockers.share, codes=CODES, parcel=kept.parcel, caller=by(anna), request="s3")
    assert (await store.write(lockers.take_by_code, seed=second, request="t2")).door == kept.door
    row = store.reads.one("SELECT by FROM openings WHERE request='t2'")
    assert row["by"] == "shared_code"


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


async def test_an_order_is_filled_by_staff_and_collected_by_the_shopper(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.fill(anna, "li", order="A-1007")
    await bank.end(kept)
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=True)
    row = bank.parcel(kept.parcel)
    assert (row["member"], row["filler"], row["order_ref"]) == (anna, "li", "A-1007")
    with pytest.raises(Refusal, match="grace_over"):
        await store.write(lockers.add_more, parcel=kept.parcel, caller=by(anna), request="a1")
    await bank.end(await bank.take(kept.parcel, anna))
    assert bank.state(kept.parcel) == "taking"


# staff


@pytest.mark.parametrize(
    ("purpose", "while_open", "after"),
    [("hand_over", "taking", "emptied"), ("clear", "clearing", "cleared"), ("inspect", "kept", "kept")],
)
async def test_staff_opens_for_a_reason(
    bank: Bank, anna: str, store: Journal, purpose: Purpose, while_open: str, after: str
) -> None:
    kept = await bank.kept(anna)
    opening = await store.write(
        locker_staff.staff_open,
        bank=BANK,
        door=kept.door,
        staff="li",
        purpose=purpose,
        reason="lost phone",
        request="r1",
    )
    await bank.end(opening)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == while_open
    await bank.closes(kept.door, occupied=purpose == "inspect")
    assert bank.state(kept.parcel) == after


async def staff_opens(bank: Bank, door: str, purpose: Purpose) -> Opening:
    asked = {"bank": BANK, "door": door, "staff": "li", "purpose": purpose, "reason": "left open"}
    return await bank.store.write(locker_staff.staff_open, **asked, request=str(uuid.uuid4()))


async def test_staff_open_for_the_parcel_that_they_saw(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    asked = {"bank": BANK, "door": kept.door, "staff": "li", "reason": "overdue"}
    for request, shown in (("r1", "00000000-0000-4000-8000-000000000000"), ("r2", "x")):
        with pytest.raises(Refusal, match="page_outdated"):
            await store.write(locker_staff.staff_open, **asked, purpose="clear", request=request, shown=shown)
    with pytest.raises(Refusal, match="page_outdated"):
        await store.write(locker_staff.vouch, **asked, shown="x")
    opened = await store.write(locker_staff.staff_open, **asked, purpose="clear", request="r3", shown=kept.parcel)
    assert opened.parcel == kept.parcel


@pytest.mark.parametrize(
    ("purpose", "occupied", "after"),
    [
        ("inspect", True, "kept"),
        ("inspect", False, "unsure"),
        ("inspect", None, "kept"),
        ("clear", False, "cleared"),
        ("clear", True, "kept"),
        ("hand_over", False, "emptied"),
    ],
)
async def test_staff_open_a_door_that_somebody_is_filling(
    bank: Bank, anna: str, purpose: Purpose, occupied: bool | None, after: str
) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.end(await staff_opens(bank, opening.door, purpose), "already")
    await bank.closes(opening.door, occupied=occupied)
    assert bank.state(opening.parcel) == after


async def test_staff_clear_a_door_that_its_owner_left_open(bank: Bank, anna: str) -> None:
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna))
    await bank.opens(kept.door)
    await bank.end(await staff_opens(bank, kept.door, "clear"), "already")
    await bank.closes(kept.door, occupied=False)
    assert bank.state(kept.parcel) == "cleared"


@pytest.mark.parametrize("occupied", [None, False, True])
async def test_a_door_that_opens_again_and_is_not_pulled_keeps_what_lies_behind_it(
    bank: Bank, anna: str, clock: SetClock, occupied: bool | None
) -> None:
    """No sensor may see what was put in; that the door was closed over it is enough."""
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    clock.now += 1000
    await bank.closes(opening.door, occupied=occupied)
    again = await bank.store.write(
        lockers.add_more, parcel=opening.parcel or "", caller=by(anna), request=str(uuid.uuid4())
    )
    await bank.end(again)
    assert bank.state(opening.parcel) == "filling"
    clock.now += RULES.wait_ms + 1
    await bank.tend()
    clock.now += RULES.open_ms + 1
    await bank.tend()
    assert bank.state(opening.parcel) == "kept"
    assert bank.door(opening.door)["parcel"] == opening.parcel, "and nobody else gets the door"


async def test_a_second_try_that_fails_leaves_no_parcel_open(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna))
    clock.now += 12_000
    await bank.end(await bank.take(kept.parcel, anna), "failed", "jammed")
    assert bank.state(kept.parcel) == "taking"
    clock.now += RULES.wait_ms + 1
    await bank.tend()
    assert bank.state(kept.parcel) == "kept", "nobody pulled the door"


@pytest.mark.parametrize(("purpose", "after"), [("hand_over", "emptied"), ("clear", "cleared")])
@pytest.mark.parametrize("late", [False, True])
async def test_a_slow_sensor_is_waited_for_however_long_the_parcel_lay(
    bank: Bank, anna: str, clock: SetClock, purpose: Purpose, after: str, late: bool
) -> None:
    kept = await bank.kept(anna)
    if late:
        clock.now += RULES.due_ms + 1
        await bank.tend()
        assert bank.state(kept.parcel) == "overdue"
    await bank.end(await staff_opens(bank, kept.door, purpose))
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=True)
    clock.now += 1000
    await bank.tend()
    await bank.show(kept.door, occupied=False)
    assert bank.state(kept.parcel) == after


async def test_staff_needs_a_reason_and_may_open_what_is_broken(bank: Bank) -> None:
    store = bank.store
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(
            locker_staff.staff_open, bank=BANK, door="01", staff="li", purpose="inspect", reason=" ", request="r1"
        )
    await store.write(locker_staff.set_order, bank=BANK, door="01", staff="li", reason="hinge", usable=False)
    opening = await store.write(
        locker_staff.staff_open, bank=BANK, door="01", staff="li", purpose="clear", reason="repair", request="r2"
    )
    assert (opening.door, opening.parcel) == ("01", None)


async def test_two_orders_for_one_door_do_not_cross(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    await bank.take(kept.parcel, anna)
    with pytest.raises(Refusal, match="door_busy"):
        await store.write(
            locker_staff.staff_open, bank=BANK, door=kept.door, staff="li", purpose="clear", reason="late", request="r1"
        )


# time


async def test_overdue_reminders_fee_and_clearance(bank: Bank, anna: str, store: Journal, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    clock.now += RULES.due_ms - RULES.remind_ms
    await bank.tend()
    await bank.tend()
    assert bank.facts().count("parcel.reminder_due.v1") == 1
    clock.now += RULES.remind_ms
    await bank.tend()
    assert bank.state(kept.parcel) == "overdue"
    await bank.tend()
    assert bank.facts().count("parcel.reminder_due.v1") == 2
    clock.now += DAY_MS + HOUR_MS
    await bank.tend()
    assert [need.kind for need in locker_needs.needs(store.reads, clock.now)] == ["locker_overdue"]
    opening = await store.write(
        locker_staff.staff_open, bank=BANK, door=kept.door, staff="li", purpose="clear", reason="overdue", request="r1"
    )
    await bank.end(opening)
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=False)
    assert bank.state(kept.parcel) == "cleared"
    assert bank.parcel(kept.parcel)["owed"] == 200
    assert bank.facts().count("parcel.fee_due.v1") == 1
    assert locker_needs.needs(store.reads, clock.now) == []


async def test_after_a_long_stop_one_reminder_is_enough(bank: Bank, anna: str, clock: SetClock) -> None:
    await bank.kept(anna)
    clock.now += RULES.due_ms + 3 * DAY_MS
    for _ in range(5):
        await bank.tend()
    assert bank.facts().count("parcel.reminder_due.v1") == 1


async def test_an_overdue_parcel_is_collected_like_any_other(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    clock.now += RULES.due_ms + 1
    await bank.tend()
    await bank.end(await bank.take(kept.parcel, anna))
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=False)
    assert bank.state(kept.parcel) == "emptied"
    assert bank.parcel(kept.parcel)["owed"] == RULES.fee


async def test_a_late_parcel_costs_what_it_cost_when_its_door_opened(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    clock.now += RULES.due_ms + HOUR_MS
    await bank.tend()
    out = await bank.take(kept.parcel, anna)
    await bank.end(out)
    await bank.opens(out.door)
    clock.now += 2 * DAY_MS  # its board was away meanwhile, or nobody shut the door
    await bank.closes(out.door, occupied=False)
    assert (bank.state(kept.parcel), bank.parcel(kept.parcel)["owed"]) == ("emptied", RULES.fee)


@pytest.mark.parametrize(
    ("late", "owed"), [(-1, 0), (0, 0), (1, 100), (DAY_MS, 100), (DAY_MS + 1, 200), (9 * DAY_MS, 250)]
)
def test_the_fee_is_by_days_begun_up_to_a_most(late: int, owed: int) -> None:
    for told in ((RULES.fee, RULES.fee_most), (None, None)):
        assert fee(RULES, told, 1_000_000_000, 1_000_000_000 + late) == owed


async def test_a_late_fee_is_what_was_told_or_what_is_less_now(
    bank: Bank, anna: str, store: Journal, clock: SetClock
) -> None:
    dear, cheap = (msgspec.structs.replace(RULES, fee=a_day, fee_most=0, due_ms=HOUR_MS) for a_day in (5000, 30))
    first = await bank.kept(anna)
    await store.write(lockers.install, {BANK: DOORS}, dear)
    second = await bank.kept(anna)
    clock.now += RULES.due_ms + HOUR_MS
    await bank.tend()

    def owed() -> dict[str, int]:
        needs = [need.details for need in locker_needs.needs(store.reads, clock.now) if need.kind == "locker_overdue"]
        return {need["parcel"]: need["fee"] for need in needs}

    assert owed() == {first.parcel: 100, second.parcel: 5000}
    await store.write(lockers.install, {BANK: DOORS}, cheap)
    assert owed() == {first.parcel: 30, second.parcel: 30}
    await store.write(lockers.install, {BANK: DOORS}, dear)
    await bank.end(await bank.take(first.parcel, anna))
    await bank.opens(first.door)
    await bank.closes(first.door, occupied=False)
    assert bank.parcel(first.parcel)["owed"] == 100


@pytest.mark.parametrize(
    ("event", "occupied", "after"),
    [
        ("fill", True, "kept"),
        ("fill", False, "unsure"),
        ("fill", None, "kept"),
        ("take", True, "kept"),
        ("take", False, "kept"),
        ("take", None, "kept"),
    ],
)
async def test_a_door_that_comes_back_to_an_open_parcel_keeps_it(
    bank: Bank, anna: str, store: Journal, clock: SetClock, event: str, occupied: bool | None, after: str
) -> None:
    opening = await (bank.kept(anna) if event == "take" else bank.deposit(anna))
    await bank.end(await bank.take(opening.parcel, anna) if event == "take" else opening)
    await bank.opens(opening.door)
    was = bank.state(opening.parcel)
    await store.write(lockers.install, {}, RULES)
    clock.now += HOUR_MS
    await store.write(lockers.install, {BANK: DOORS}, RULES)
    await bank.tend()
    assert bank.state(opening.parcel) == was, "its sensors are waited for"
    await bank.closes(opening.door, occupied=occupied)
    await bank.tend()
    assert bank.state(opening.parcel) == after


async def test_doors_come_and_go_with_the_settings(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    count = len(bank.facts())
    await store.write(lockers.install, {BANK: DOORS}, RULES)
    assert len(bank.facts()) == count
    await store.write(lockers.install, {}, RULES)
    with pytest.raises(Refusal, match="locker_unknown"):
        await bank.take(kept.parcel, anna)
    await store.write(lockers.install, {BANK: DOORS}, RULES)
    assert (await bank.take(kept.parcel, anna)).door == kept.door, "the parcel is still behind its door"


# the table


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


async def test_a_door_that_was_too_quick_for_its_sensor(bank: Bank, anna: str) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.show(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"
    await bank.end(await bank.take(opening.parcel, anna))
    await bank.show(opening.door, occupied=False)
    assert bank.state(opening.parcel) == "emptied"


async def test_staff_who_looked_behind_a_forced_door_has_vouched(
    bank: Bank, anna: str, store: Journal, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    clock.now += HOUR_MS
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=True)
    look = await store.write(
        locker_staff.staff_open, bank=BANK, door=kept.door, staff="li", purpose="inspect", reason="forced", request="r1"
    )
    await bank.end(look)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "forced"
    await bank.closes(kept.door, occupied=True)
    await bank.tend()
    assert (bank.state(kept.parcel), bank.troubles()) == ("kept", set())


async def test_a_bank_out_of_order_takes_nothing_and_gives_everything_back(
    bank: Bank, anna: str, store: Journal
) -> None:
    kept = await bank.kept(anna)
    await store.write(devices.take_out, device=BANK, reason="hinge", by="li")
    with pytest.raises(Refusal, match="locker_away"):
        await bank.deposit(anna)
    assert (await bank.take(kept.parcel, anna)).door == kept.door


# as time goes by


def leaves(count: int) -> tuple[int, int]:
    """How many of so many openings leave, and the instructions of SQLite's machine that it takes."""
    steps = 0

    def one_more() -> None:
        nonlocal steps
        steps += 1

    with closing(sqlite3.connect(":memory:")) as tables:
        tables.executescript(SCHEMA)
        tables.executemany(
            "INSERT INTO openings (grant_id, bank, request, state, ended_ms) VALUES (?1, ?2, ?1, 'opened', ?3)",
            ((str(number), "ab"[number % 2], number) for number in range(count)),
        )
        tables.set_progress_handler(one_more, 10)
        for statement in ENDS:
            tables.execute(statement, (count,))
        return tables.execute("SELECT ?-count(*) FROM openings", (count,)).fetchone()[0], steps


def test_openings_leave_at_a_cost_that_grows_with_their_number_alone() -> None:
    """Each bank's last success stays. A night's work was 9 s of a store that stood still, with 50,000 openings."""
    (few, cost), (many, more) = leaves(500), leaves(5000)
    assert (few, many) == (498, 4998)
    assert more < 20 * cost


async def test_what_lies_behind_a_door_that_goes_is_named(bank: Bank, anna: str, tmp_path: Path) -> None:
    """`check` says it and `apply` refuses it: nobody could say that the parcel was taken out."""
    kept = await bank.kept(anna)
    (tmp_path / "storekeeper.db").symlink_to(tmp_path / "store.db")
    now = load(Path(__file__).parents[2] / "config")
    here, others = ([each for each in now.devices if (each.id == BANK) is same] for same in (True, False))
    doors = BankSettings(S=tuple({"01", "02", "03"} - {kept.door}), M=(), L=(), low=())
    fewer = here[0].model_copy(update={"bank": doors})
    for banks, expected in (
        (here, ()),
        ([fewer], (f"door {kept.door} of {BANK} holds a parcel: nobody could collect it",)),
        ([], (f"{BANK} holds 1 parcels: nobody could collect them",)),
    ):
        new = now.model_copy(update={"devices": (*others, *banks)})
        assert changes_in(SettingsInForce(now, "there"), new, tmp_path).under_way == expected


async def test_a_code_that_was_taken_back_is_not_given_away_again(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    asked = {"codes": CODES, "parcel": kept.parcel or "", "caller": by(anna), "request": "share-at-the-screen"}
    given = await bank.store.write(lockers.share, **asked)
    assert await bank.store.write(lockers.share, **asked) == given
    await bank.store.write(lockers.unshare, parcel=kept.parcel or "", caller=by(anna))
    clock.now += 1
    assert await bank.store.write(lockers.share, **asked) != given
    with pytest.raises(Refusal, match="parcel_unknown"):
        await bank.store.write(lockers.take_by_code, seed=given, request=str(uuid.uuid4()))


async def test_a_code_is_none_of_a_parcel_that_was_put_in_by_the_same_request(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    gone = await bank.kept(anna, request="r1")
    await bank.end(await bank.take(gone.parcel, anna))
    await bank.opens(gone.door)
    await bank.closes(gone.door, occupied=False)
    clock.now += RULES.grace_ms + 1
    await bank.tend()
    kept = await bank.kept(anna)
    shared = await bank.store.write(lockers.share, codes=CODES, parcel=kept.parcel or "", caller=by(anna), request="r1")
    assert shared not in (seed(bank, gone.parcel), seed(bank, kept.parcel))


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


async def test_a_phone_that_staff_let_in_is_not_told_of_doors_that_were_filled_before(
    bank: Bank, anna: str, ben: str
) -> None:
    kept = await bank.kept(anna)
    await bank.store.write(
        joining.link, MembersLinked(member=ben, kin=anna, how="staff", staff="li", evidence="member_card")
    )
    await bank.end(await bank.take(kept.parcel, anna))
    reads = bank.store.reads
    assert [each.door for each in locker_queries.doors_under_way(reads, anna)] == [kept.door]
    assert locker_queries.doors_under_way(reads, ben) == []
    later = await bank.deposit(anna)
    assert [each.door for each in locker_queries.doors_under_way(reads, ben)] == [later.door]


async def test_a_door_that_stood_open_while_its_sensor_was_away_is_not_forced(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.show(opening.door, lock="unknown", door="unknown", occupied=None)
    clock.now += 20_000
    await bank.show(opening.door, lock="unlocked", door="open", occupied=True)
    await bank.tend()
    assert bank.troubles() == set()
    await bank.closes(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"


async def test_nobody_waits_for_a_door_that_the_store_has_no_more(bank: Bank, anna: str) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.store.write(lockers.install, {BANK: DOORS[1:]}, RULES)
    assert opening.door == DOORS[0].name
    assert locker_queries.in_use(bank.store.reads) == []


async def test_a_clock_that_was_set_back_keeps_nobody_from_entering_digits(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    for _ in range(6):
        assert await digits(bank, wrong(bank)) is None
        clock.now += HOUR_MS // 20
    assert await digits(bank, wrong(bank)) is None
    with pytest.raises(Refusal, match="parcel_wait"):
        await digits(bank, wrong(bank))
    clock.now -= 30 * HOUR_MS
    opened = await digits(bank, CODES.digits(seed(bank, kept.parcel)))
    assert opened is not None
    assert opened.door == kept.door


async def test_a_door_that_staff_open_at_this_moment_is_given_to_nobody(bank: Bank, anna: str) -> None:
    """Others are free: it is no reason to send anybody away."""
    looked_at = await staff_opens(bank, "01", "inspect")
    assert looked_at.parcel is None
    assert (await bank.deposit(anna)).door == "02"
    with pytest.raises(Refusal, match="door_taken"):
        await bank.deposit(await bank.store.write(join, 7), door="01")


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


async def test_a_door_that_staff_took_out_of_use_stays_so_when_its_bank_is_put_back(bank: Bank, anna: str) -> None:
    out = {"bank": BANK, "door": "01", "staff": "li", "reason": "broken"}
    await bank.store.write(locker_staff.set_order, **out, usable=False)
    taken_out = bank.door("01")
    await bank.store.write(lockers.install, {}, RULES)
    await bank.store.write(lockers.install, {BANK: DOORS}, RULES)
    await bank.look()
    kept = ("out_of_order", "out_by", "out_ms")
    assert [bank.door("01")[name] for name in kept] == [taken_out[name] for name in kept]
    assert (await bank.deposit(anna)).door == "02"
    await bank.store.write(locker_staff.set_order, **out, usable=True)
    for banks in ({}, {BANK: DOORS}):
        await bank.store.write(lockers.install, banks, RULES)
    assert bank.door("01")["out_of_order"] is None


async def test_a_second_order_joins_no_door_that_opens_for_the_first(bank: Bank, anna: str) -> None:
    first = await bank.fill(anna, "li", order="A-1")
    assert (await bank.fill(anna, "li", order="A-1")).parcel == first.parcel, "a second tap"
    with pytest.raises(Refusal, match="locker_close_first"):
        await bank.fill(anna, "li", order="A-2")
    await bank.end(first)
    await bank.opens(first.door)
    await bank.closes(first.door, occupied=True)
    second = await bank.fill(anna, "li", order="A-2")
    assert bank.parcel(second.parcel)["order_ref"] == "A-2"


async def test_a_request_that_comes_again_after_the_guest_registered_is_the_same(
    bank: Bank, anna: str, ben: str
) -> None:
    first = await bank.deposit(anna, request="r1")
    with pytest.raises(Refusal, match="bad_request"):
        await bank.deposit(ben, request="r1")
    await bank.store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    await bank.end(first)
    assert await bank.deposit(ben, request="r1") == first
