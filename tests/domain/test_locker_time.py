"""What a parcel costs and becomes with time, and what the tables keep of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import needs as locker_needs
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.rules import (
    DAY_MS,
    HOUR_MS,
    fee,
)
from edge.domain.lockers.tables import ENDS, SCHEMA
from tests.domain.conftest import SetClock
from tests.domain.locking import BANK, DOORS, RULES, Bank

if TYPE_CHECKING:
    from edge.journal.journal import Journal


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
