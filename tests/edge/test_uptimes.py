"""What a command says of its device's own clock (contract 1.1, rule 9)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import Find, Status
from device_drivers.uptime import boot_ms
from edge.bootstrap.gateway import open_gateway
from edge.bus.uptimes import KEPT_MS, Uptimes
from tests.edge.conftest import Puppet, settings_for, until

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker

NEW = Status(True, "b1", "cart", 1, "x", ("unlock", "up_ms"))


def test_the_largest_difference_of_a_minute_counts_and_its_age_costs_500_ppm() -> None:
    clocks = Uptimes()
    clocks.status("cart-01", NEW)
    assert clocks.bound("cart-01", 1000, 0) is None, "no reading"
    clocks.read("cart-01", 5_000, 100_000, "b1")
    clocks.read("cart-01", 10_000, 110_000, "b1")
    clocks.read("cart-01", 10_400, 112_000, "b1")  # this one was under way for 1.6 s longer
    assert clocks.bound("cart-01", 1000, 130_000) == ("b1", -95_000 + 5_000 + 130_000 + 1000 - 15 - 5_000)
    assert clocks.bound("cart-01", 1000, 111_000 + KEPT_MS) == ("b1", -101_600 + 171_000 + 1000 - 29)
    assert clocks.bound("cart-01", 1000, 112_001 + KEPT_MS) is None, "all too old"


def test_another_boot_begins_anew_and_an_old_event_says_nothing() -> None:
    clocks = Uptimes()
    clocks.status("cart-01", NEW)
    clocks.read("cart-01", 9_000_000, 100, "b1")
    clocks.status("cart-01", Status(True, "b2", "cart", 1, "x", ("up_ms",)))
    assert clocks.bound("cart-01", 1000, 200) is None
    clocks.read("cart-01", 9_000_100, 200, "b1")
    assert clocks.bound("cart-01", 1000, 200) is None, "kept over the restart"
    clocks.read("cart-01", 50, 200)
    assert clocks.bound("cart-01", 1000, 200) == ("b2", 1050)


def test_a_device_of_1_0_has_no_clock() -> None:
    clocks = Uptimes()
    clocks.status("cart-01", Status(True, "b1", "cart", 1, "x", ("unlock",)))
    clocks.read("cart-01", 5_000, 100_000, "b1")
    assert clocks.bound("cart-01", 1000, 100_000) is None


@pytest.mark.parametrize("announced", [True, False])
async def test_a_command_carries_the_bound_in_every_repeat(broker: Broker, tmp_path: Path, announced: bool) -> None:
    puppet = Puppet(broker)
    began = boot_ms() - 500_000
    try:
        async with open_gateway(settings_for(broker, tmp_path)) as gateway:
            await until(lambda: gateway.devices.ingest.live["cart-01"].state)
            verbs = ["find", "up_ms"] if announced else ["find"]
            puppet.send(
                "status", {"online": True, "boot": puppet.boot, "kind": "cart", "contract": 1, "capabilities": verbs}
            )
            puppet.state(lock="jammed", up_ms=boot_ms() - began)
            await until(lambda: gateway.devices.ingest.live["cart-01"].state.lock == "jammed")  # type: ignore[union-attr]
            puppet.answer = lambda _: {"outcome": "done"} if len(_finds(puppet)) > 2 else None
            before = boot_ms()
            await gateway.devices.bus.call("cart-01", Find(1), id=str(uuid.uuid4()), fence=1, ttl_ms=60_000)
            said = {(body.get("boot"), body.get("not_after_up_ms")) for body in _finds(puppet)}
            assert len(said) == 1, "once for each id"
            boot, not_after = said.pop()
            if not announced:
                assert (boot, not_after) == (None, None)
                return
            assert boot == puppet.boot
            assert before - began + 1_000 < not_after <= boot_ms() - began + 60_000
    finally:
        puppet.stop()


async def test_a_device_that_was_there_before_is_asked_for_its_clock(broker: Broker, tmp_path: Path) -> None:
    puppet = Puppet(broker)
    try:
        status = {"online": True, "boot": puppet.boot, "kind": "cart", "contract": 1, "capabilities": ["find", "up_ms"]}
        await until(puppet._client.is_connected)
        await until(puppet.taken)  # what it says by itself when it has connected
        puppet.send("status", status)
        await until(puppet.taken)
        puppet.present = {"outcome": "expired", "up_ms": 77_000}
        async with open_gateway(settings_for(broker, tmp_path)) as gateway:
            await until(lambda: gateway.devices.bus._uptimes.bound("cart-01", 1000, boot_ms()))
            (asked,) = puppet.asked
            assert (asked["verb"], asked["ttl_ms"], asked["fence"]) == ("identify", 0, 0)
            await gateway.devices.bus.call("cart-01", Find(1), id=str(uuid.uuid4()), fence=1, ttl_ms=60_000)
            assert _finds(puppet)[0]["boot"] == puppet.boot
    finally:
        puppet.stop()


def _finds(puppet: Puppet) -> list[dict[str, Any]]:
    return [body for body in puppet.commands() if body["verb"] == "find"]
