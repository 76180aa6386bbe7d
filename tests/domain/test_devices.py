"""Only changes become facts, and an event counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.devices import decisions as devices
from edge.domain.devices import queries as device_queries
from edge.domain.devices.facts import DeviceReported
from tests.domain.conftest import furnish

if TYPE_CHECKING:
    from edge.journal.journal import Journal


async def report(store: Journal, seq: int, *, boot: str = "b1", patient: bool = True) -> int:
    fact = DeviceReported(device="cart-01", boot=boot, seq=seq, at="", event="touched", data={})
    return await store.write(devices.on_report, fact, patient=patient)


async def test_settings_that_did_not_change_are_no_facts(store: Journal) -> None:
    before = store.sequence
    await store.write(furnish)
    assert store.sequence == before


async def test_presence_is_a_fact_when_it_changes(store: Journal) -> None:
    before = store.sequence
    assert not await store.write(devices.on_presence, device="cart-01", online=True, boot="b1")
    assert await store.write(devices.on_presence, device="cart-01", online=True, boot="b2"), "it restarted"
    assert await store.write(devices.on_presence, device="cart-01", online=False)
    assert not await store.write(devices.on_presence, device="cart-01", online=False)
    assert not await store.write(devices.on_presence, device="stranger", online=True, boot="b1")
    assert store.sequence == before + 2


async def test_an_event_counts_once_for_its_boot(store: Journal) -> None:
    before = store.sequence
    assert [await report(store, seq) for seq in (1, 1, 2, 1, 3)] == [1, 1, 2, 2, 3]
    assert await report(store, 1, boot="b2") == 1
    assert store.sequence == before + 4


async def test_a_gap_is_asked_for_before_it_is_given_up(store: Journal) -> None:
    await report(store, 1)
    assert await report(store, 4) == 1, "not taken, so not acknowledged: the device sends 2 and 3 again"
    assert await report(store, 2) == 2
    assert await report(store, 6, patient=False) == 6
    assert b'"missed":3' in store.after(0, 1000)[-1].body


async def test_a_device_that_left_the_settings_is_retired(store: Journal) -> None:
    await store.write(devices.enrol, [])
    assert store.reads.all("SELECT * FROM devices") == []


async def test_a_device_that_is_put_back_goes_on_counting(store: Journal) -> None:
    assert [await report(store, seq) for seq in (1, 2, 3)] == [1, 2, 3]
    await store.write(devices.enrol, [])
    assert device_queries.last_heard(store.reads) == []
    await store.write(furnish)
    assert [await report(store, seq) for seq in (3, 4)] == [3, 4]
    assert device_queries.missed_events(store.reads) == []


async def test_a_device_that_was_replaced_while_out_of_order_wants_no_hand(store: Journal) -> None:
    await store.write(devices.take_out, device="cart-01", reason="wheel", by="li")
    assert [need.kind for need in device_queries.needs(store.reads, 0)] == ["out_of_order"]
    await store.write(devices.enrol, [])
    assert device_queries.needs(store.reads, 0) == []


async def test_a_screen_that_has_said_nothing_of_its_panel_needs_none(store: Journal) -> None:
    await store.write(devices.on_presence, device="screen-baby", online=True, boot="b1")
    assert "screen_no_panel" not in [need.kind for need in device_queries.needs(store.reads, 0)]


async def test_a_screen_whose_panel_is_unplugged_needs_a_hand(store: Journal) -> None:
    await store.write(devices.on_presence, device="screen-baby", online=True, boot="b1")
    await store.write(devices.on_state, device="screen-baby", state={"online": True})
    assert "screen_no_panel" not in [need.kind for need in device_queries.needs(store.reads, 0)]
    await store.write(devices.on_state, device="screen-baby", state={"online": False})
    assert [need.kind for need in device_queries.needs(store.reads, 0) if need.device == "screen-baby"] == [
        "screen_no_panel"
    ]
    await store.write(devices.on_state, device="screen-baby", state={"online": True})
    assert "screen_no_panel" not in [need.kind for need in device_queries.needs(store.reads, 0)]
