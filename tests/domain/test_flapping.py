"""Flapping is one episode with a count, and silence takes nothing from what a door showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.devices import decisions as devices
from edge.domain.devices import queries as device_queries
from edge.domain.devices.rules import OVER_MS
from edge.domain.lockers import doors as locker_doors
from tests.domain.conftest import join
from tests.domain.locking import BANK, DOORS, Bank, build

if TYPE_CHECKING:
    from edge.journal.journal import Journal
    from tests.domain.conftest import SetClock

UNKNOWN = {"lock": "unknown", "door": "unknown", "occupied": None}
NAMES = [door.name for door in DOORS]


async def silence(bank: Bank) -> None:
    await bank.store.write(locker_doors.on_state, bank=BANK, doors=dict.fromkeys(NAMES, UNKNOWN))


async def test_an_episode_grows_and_ends_with_one_fact(store: Journal, clock: SetClock) -> None:
    before = store.sequence
    assert await store.write(devices.note_flapping, device="cart-01", what="presence", more=7, ago_ms=3000)
    began = clock.now - 3000
    clock.now += 60_000
    assert await store.write(devices.note_flapping, device="cart-01", what="presence", more=30)
    row = store.reads.one("SELECT * FROM flapping")
    assert (row["count"], row["since_ms"]) == (37, began)
    assert [(need.kind, need.details) for need in device_queries.flapping_needs(store.reads, clock.now)] == [
        ("device_reconnects", {"count": 37})
    ]
    await store.write(devices.on_tick)
    clock.now += OVER_MS
    await store.write(devices.on_tick)
    await store.write(devices.on_tick)
    assert store.sequence == before + 3
    assert device_queries.flapping_needs(store.reads, clock.now) == []


async def test_one_line_for_a_device_that_does_both(store: Journal) -> None:
    for what in ("state", "presence"):
        await store.write(devices.note_flapping, device="cart-01", what=what, more=7)  # type: ignore[arg-type]
    assert [need.kind for need in device_queries.flapping_needs(store.reads, 0)] == ["device_reconnects"]
    assert not await store.write(devices.note_flapping, device="stranger", what="state", more=7)
    await store.write(devices.enrol, [])
    assert device_queries.flapping_needs(store.reads, 0) == []


async def test_silence_of_a_bank_is_one_fact_and_so_is_its_end(store: Journal) -> None:
    await store.write(build)
    bank = Bank(store)
    await bank.look()
    before, doors = store.sequence, [bank.door(name) for name in NAMES]
    await silence(bank)
    await silence(bank)
    assert store.sequence == before + 1
    assert {bank.door(name)["shut"] for name in NAMES} == {"unknown"}
    await bank.look()
    assert store.sequence == before + 2
    assert [bank.door(name) for name in NAMES] == doors


async def test_what_changed_during_silence_is_a_fact_of_its_door(store: Journal) -> None:
    await store.write(build)
    bank = Bank(store)
    await bank.look()
    await silence(bank)
    await bank.show("02", lock="unlocked", door="open")
    assert bank.facts()[-3:] == ["locker.silent.v1", "locker.heard.v1", "locker.seen.v1"]
    assert bank.door("02")["shut"] == "open"
    await silence(bank)
    await bank.look()
    assert bank.door("02")["shut"] == "open"


async def test_a_deposit_closed_behind_a_silent_board_is_kept(store: Journal) -> None:
    member = await store.write(join, 1)
    await store.write(build)
    bank = Bank(store)
    await bank.look()
    opening = await bank.deposit(member)
    await bank.end(opening)
    await bank.opens(opening.door)
    await silence(bank)
    await bank.closes(opening.door, occupied=True)
    assert bank.state(opening.parcel) == "kept"
