"""The slip of a parcel, orders that staff put in, single doors out of use, and the closing report."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.devices.facts import DeviceCameOnline, DeviceEnrolled
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import needs as locker_needs
from edge.domain.lockers import slips as parcel_slips
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.rules import DAY_MS
from edge.domain.printing import closing
from edge.domain.printing import decisions as printing
from edge.domain.printing import queries as print_queries
from edge.domain.printing.facts import AttemptBegun, JobPrinted
from edge.domain.printing.queries import COUNTS, SUMS
from edge.domain.printing.rules import Job
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import BANK, Bank

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal


def _printer(tx: Tx, name: str = "printer-1", zone: str = "entrance") -> None:
    names = {"zh-CN": "小票机", "en": "printer"}
    tx.emit(DeviceEnrolled(device=name, kind="printer", zone=zone, label=names, at=(1.0, 1.0)))
    tx.emit(DeviceCameOnline(device=name, boot="b1"))


def jobs(store: Journal) -> list[dict[str, Any]]:
    return [dict(row) for row in store.reads.all("SELECT * FROM print_jobs ORDER BY place")]


async def test_a_slip_that_was_wanted_is_ordered_once_when_the_parcel_is_kept(
    store: Journal, bank: Bank, anna: str
) -> None:
    await store.write(_printer, "printer-far", "baby")
    await store.write(_printer)
    opening = await bank.deposit(anna, slip="en")
    await bank.end(opening)
    await bank.opens(opening.door)
    assert jobs(store) == []
    await bank.closes(opening.door, occupied=True)
    again = await store.write(
        lockers.add_more, parcel=opening.parcel or "", caller=by(anna), request="00000000-0000-4000-8000-000000000001"
    )
    await bank.end(again)
    await bank.opens(opening.door)
    await bank.closes(opening.door, occupied=True)
    (job,) = jobs(store)
    assert (job["slip"], job["language"], job["printer"]) == ("locker", "en", "printer-1")
    assert bank.parcel(opening.parcel)["seed"] in job["vals"]


async def test_a_store_without_a_printer_keeps_the_parcel_all_the_same(store: Journal, bank: Bank, anna: str) -> None:
    opening = await bank.kept(anna, slip="zh-CN")
    assert jobs(store) == []
    with pytest.raises(Refusal, match="printer_unknown"):
        await store.write(parcel_slips.print_slip, parcel=opening.parcel or "", caller=by(anna), language="en")


async def test_its_owner_gets_one_slip_and_staff_a_copy(store: Journal, bank: Bank, anna: str) -> None:
    await store.write(_printer)
    opening = await bank.kept(anna)
    ask = {"parcel": opening.parcel or "", "language": "en"}
    first = await store.write(parcel_slips.print_slip, **ask, caller=by(anna))

    def on_paper(tx: Tx) -> None:
        begun = AttemptBegun(job=first.job, revision=1, printer="printer-1", number=1, copy=False, fence=1)
        attempt = str(uuid.UUID(bytes=tx.emit(begun)))
        tx.emit(JobPrinted(job=first.job, revision=1, attempt=attempt, printer="printer-1", copy=False))

    await store.write(on_paper)
    assert (await store.write(parcel_slips.print_slip, **ask, caller=by(anna))).state == "printed"
    assert (await store.write(parcel_slips.print_again, **ask, staff="li")).state == "queued"
    with pytest.raises(Refusal, match="parcel_unknown"):
        await store.write(parcel_slips.print_slip, **ask, caller=by("somebody else"))


async def test_a_parcel_that_is_gone_has_no_slip(store: Journal, bank: Bank, anna: str) -> None:
    await store.write(_printer)
    opening = await bank.kept(anna)
    out = await bank.take(opening.parcel, anna)
    await bank.end(out)
    await bank.opens(out.door)
    await bank.closes(out.door, occupied=False)
    with pytest.raises(Refusal, match="parcel_gone"):
        await store.write(parcel_slips.print_slip, parcel=opening.parcel or "", caller=by(anna), language="en")


async def test_whoever_filled_a_door_answers_for_it(store: Journal, bank: Bank, anna: str, clock: SetClock) -> None:
    opening = await bank.fill(anna, "li", order="4711")
    await bank.end(opening)
    await bank.opens(opening.door)
    with pytest.raises(Refusal, match="locker_close_first"):
        await store.write(locker_staff.answer, parcel=opening.parcel, inside=True)
    await bank.closes(opening.door, occupied=False)
    assert [need.kind for need in locker_needs.needs(store.reads, clock.now)] == ["locker_unsure"]
    await store.write(locker_staff.answer, parcel=opening.parcel, inside=True)
    assert bank.state(opening.parcel) == "kept"
    mine = await bank.deposit(anna)
    with pytest.raises(Refusal, match="parcel_unknown"):
        await store.write(locker_staff.answer, parcel=mine.parcel, inside=False)


async def test_a_door_out_of_use_is_given_to_nobody_and_says_who_took_it(
    store: Journal, bank: Bank, anna: str, clock: SetClock
) -> None:
    first = await bank.deposit(anna)
    await bank.end(first, "failed", "jammed")
    for _ in range(2):
        await store.write(locker_staff.set_usable, bank=BANK, door=first.door, staff="li", reason="hinge", usable=False)
    assert bank.facts().count("locker.out_of_order.v1") == 1
    needs = [need for need in locker_needs.needs(store.reads, clock.now) if need.kind == "door_out_of_order"]
    assert [(need.details["reason"], need.details["by"], need.action) for need in needs] == [
        ("hinge", "li", "put_back")
    ]
    assert (await bank.deposit(anna)).door != first.door
    await store.write(locker_staff.set_usable, bank=BANK, door=first.door, staff="li", reason="", usable=True)
    assert not [need for need in locker_needs.needs(store.reads, clock.now) if need.kind == "door_out_of_order"]


async def test_an_overdue_parcel_says_what_it_costs(store: Journal, bank: Bank, anna: str, clock: SetClock) -> None:
    await bank.kept(anna)
    clock.now += 2 * DAY_MS + 1
    await bank.tend()
    (need,) = (need for need in locker_needs.needs(store.reads, clock.now) if need.kind == "locker_overdue")
    assert need.details["fee"] == 200


LABELS = {name: {"zh-CN": name, "en": name} for name in (*COUNTS, *SUMS)}


async def report(store: Journal, from_ms: int) -> Job:
    return await store.write(
        closing.report,
        day="2026-11-22",
        from_ms=from_ms,
        labels=LABELS,
        left=[],
        language="en",
        printer="printer-1",
        by="li",
    )


async def test_the_closing_report_counts_the_day_and_is_new_only_where_something_changed(
    store: Journal, bank: Bank, anna: str, clock: SetClock
) -> None:
    await store.write(_printer)
    start = clock.now
    await bank.kept(anna)
    await store.write(
        printing.order, job="R-1", slip="receipt", values={"number": "R-1", "at_ms": 1, "items": [], "total": 1290}
    )
    found = print_queries.count(store.reads, start)
    assert found.counts["parcels"] == found.counts["kept"] == found.counts["receipts"] == found.counts["members"] == 1
    assert found.sums["receipts_total"] == 1290
    assert print_queries.count(store.reads, start + 1).counts["parcels"] == 0
    day_before = print_queries.count(store.reads, start - 5, start - 1)
    assert (day_before.counts["parcels"], day_before.sums["receipts_total"]) == (0, 0)
    assert day_before.counts["kept"] == 1, "what is so now"
    first = await report(store, start)
    assert (first.job, first.revision) == ("closing-2026-11-22", 1)
    clock.now += 1
    assert (await report(store, start)).revision == 1
    await store.write(join, 9)
    assert (await report(store, start)).revision == 2
