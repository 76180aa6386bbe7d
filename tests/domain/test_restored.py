"""What a restored store may not believe: that a door is as it was, and that a code of before was not used meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.box.needs import needs as box_needs
from edge.domain.devices import decisions as devices
from edge.domain.devices import queries as device_queries
from edge.domain.devices.facts import DeviceReported
from edge.domain.lockers import decisions as lockers
from edge.domain.touchpoints.codes import Codes, Touchpoint
from edge.errors import Refusal
from edge.journal.facts import StreamOpened
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import BANK, CODES, Bank, build

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

OPENED = StreamOpened(parent="00" * 16, parent_sequence=9, parent_hash="00" * 16, reason="restored", generation=1)


async def deposit(store: Journal, member: str, size: str) -> str:
    given = await store.write(
        lockers.deposit, codes=CODES, bank=BANK, size=size, caller=by(member), request=f"{size}-{member}"
    )
    return given.door


async def test_no_door_is_offered_before_it_was_heard(store: Journal) -> None:
    await store.write(build)
    bank, anna = Bank(store), await store.write(join, 1)
    await bank.look()
    await store.write(lambda tx: tx.emit(OPENED))
    with pytest.raises(Refusal) as refused:
        await deposit(store, anna, "S")
    assert refused.value.code in ("locker_full", "locker_away")
    await store.write(devices.on_presence, device=BANK, online=True, boot="b2")
    with pytest.raises(Refusal, match="locker_full"):
        await deposit(store, anna, "S")
    await store.write(lockers_state, {"01": bank.shown["01"]})
    assert await deposit(store, anna, "S") == "01", "the one that was heard, though it shows what it showed"
    assert [need.kind for need in box_needs(store.reads, 0)] == ["store_restored"]


async def test_a_bank_without_sensors_is_heard_too(store: Journal) -> None:
    await store.write(build)
    await store.write(lambda tx: tx.emit(OPENED))
    await store.write(devices.on_presence, device=BANK, online=True, boot="b2")
    await store.write(lockers_state, {"04": {"lock": "unknown", "door": "unknown", "occupied": None}})
    assert await deposit(store, await store.write(join, 1), "M") == "04"


def lockers_state(tx: Tx, doors: dict[str, dict[str, object]]) -> None:
    from edge.domain.lockers import doors as locker_doors

    locker_doors.on_state(tx, bank=BANK, doors=doors)


def test_codes_of_before_open_nothing_and_stickers_stay() -> None:
    place = Touchpoint(id=BANK, purpose="locker", zone="z", label={})
    before = Codes(b"k" * 32, "s001", lambda _: place)
    after = Codes(b"k" * 32, "s001", lambda _: place, generation=1)
    assert before.static(BANK) == after.static(BANK)
    assert after.parse(before.static(BANK), 0).id == BANK
    assert before.digits("seed") != after.digits("seed")
    for code in (before.collect(BANK, "seed"), before.rotating(BANK, "milk", 0), before.keypad(BANK, "screen")):
        with pytest.raises(Refusal, match="code_tampered"):
            after.parse(code, 0)
    ticket = before.ticket(Touchpoint(id=BANK, purpose="locker", zone="z", label={}, coupon="c", live="0"), "b", 0)
    assert before.parse_ticket(ticket, "b", 0).coupon == "c"
    with pytest.raises(Refusal, match="ticket_elsewhere"):
        after.parse_ticket(ticket, "b", 0)


async def test_events_that_nobody_has_are_named_by_device_and_time(store: Journal, clock: SetClock) -> None:
    await store.write(build)

    def report(seq: int) -> DeviceReported:
        return DeviceReported(device=BANK, boot="b1", seq=seq, at="", event="touched", data={})

    began = clock.wall_ms()
    await store.write(devices.on_report, report(1), patient=False)
    await store.write(lambda tx: tx.emit(OPENED))
    clock.now += 8_000_000
    await store.write(devices.on_report, report(5), patient=False)
    (gap,) = device_queries.missed_events(store.reads)
    assert (gap.device, gap.first, gap.last, gap.since_ms, gap.until_ms) == (BANK, 2, 4, began, began + 8_000_000)
    (need,) = device_queries.missed_needs(store.reads, clock.now)
    assert (need.kind, need.details["count"], need.details["since"]) == ("events_missed", 3, "2026-09-21 14:13 UTC")
    assert device_queries.missed_needs(store.reads, clock.now + 8 * 86_400_000) == []
