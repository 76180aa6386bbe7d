"""Work of devices for the journal: each device's in its order, none of it held up by another device's."""

from __future__ import annotations

import asyncio

import pytest

from edge.errors import JournalHeldUp
from edge.gateway import device_queues
from edge.gateway.device_queues import DeviceQueues, Work


async def test_one_device_s_work_is_done_in_its_order_and_another_s_meanwhile() -> None:
    work, done, gate = DeviceQueues(), [], asyncio.Event()

    async def waits() -> None:
        await gate.wait()
        done.append("first")

    async def note(what: str) -> None:
        done.append(what)

    work.put("cart-01", waits)
    work.put("cart-01", lambda: note("second"))
    work.put("cart-02", lambda: note("of another"))
    async with asyncio.timeout(60):
        while not done:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    assert done == ["of another"]
    gate.set()
    await work.finish(30)
    assert done == ["of another", "first", "second"]


async def test_what_cannot_be_taken_is_dropped_and_what_finds_no_space_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_queues, "FULL_PAUSE_S", 0.01)
    work, done = DeviceQueues(), []

    async def breaks() -> None:
        raise KeyError

    async def finds_space_later() -> None:
        done.append("asked")
        if len(done) < 3:
            raise JournalHeldUp("no space")

    work.put("cart-01", breaks)
    work.put("cart-01", finds_space_later)
    async with asyncio.timeout(60):
        while len(done) < 3:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await work.finish(30)
    assert done == ["asked"] * 3


async def test_a_flood_is_turned_away() -> None:
    work, gate = DeviceQueues(), asyncio.Event()

    async def waits() -> None:
        await gate.wait()

    assert all(work.put("cart-01", waits) for _ in range(device_queues.MAX_WAITING))
    assert not work.put("cart-01", waits)
    assert work.put("cart-02", waits)
    gate.set()
    await work.finish(30)


async def test_the_newest_of_its_kind_is_never_turned_away() -> None:
    work, gate, done = DeviceQueues(), asyncio.Event(), list[str]()

    def noted(what: str) -> Work:
        async def note() -> None:
            await gate.wait()
            done.append(what)

        return note

    assert work.put("cart-01", noted("first"), "state")
    await asyncio.sleep(0)  # it is under way
    while work.put("cart-01", noted("event")):
        pass
    for step in range(3):
        assert work.put("cart-01", noted(f"state {step}"), "state")
        assert work.put("cart-01", noted(f"presence {step}"), "presence")
        assert not work.put("cart-01", noted("event"))
    gate.set()
    await work.finish(60)
    assert done == ["first", *["event"] * (device_queues.MAX_WAITING - 1), "state 2", "presence 2"]
