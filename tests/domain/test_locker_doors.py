"""What a door shows: left open, forced, jammed, empty, or not seen at all."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.cli.settings_check import SettingsInForce, changes_in
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import doors as locker_doors
from edge.domain.lockers import needs as locker_needs
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.decisions import PlannedDoor
from edge.domain.lockers.rules import (
    HOUR_MS,
)
from edge.domain.lockers.staff import Purpose
from edge.errors import Refusal
from edge.settings.banks_and_codes import BankSettings
from edge.settings.settings import load
from tests.callers import by
from tests.domain.conftest import SetClock
from tests.domain.locking import BANK, CODES, DOORS, RULES, Bank, staff_opens

if TYPE_CHECKING:
    from edge.journal.journal import Journal


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
    await store.write(locker_staff.confirm_parcel, bank=BANK, door=kept.door, staff="li", reason="seal unbroken")
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


async def test_a_door_that_was_too_quick_for_its_sensor(bank: Bank, anna: str) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.show(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"
    await bank.end(await bank.take(opening.parcel, anna))
    await bank.show(opening.door, occupied=False)
    assert bank.state(opening.parcel) == "emptied"


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
