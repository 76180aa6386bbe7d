"""A device that keeps reconnecting does not fill the journal, and hides nothing that happens meanwhile."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.bootstrap.gateway import open_gateway
from edge.domain.devices import queries as device_queries
from edge.gateway.flap_filter import BOUNCE
from tests.edge.conftest import Puppet, ask, facts, join, running, settings_for, until
from tests.edge.test_device_mistakes import metrics_of
from tests.edge.test_lockers import BANK, PuppetBank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

UNKNOWN: dict[str, Any] = {"lock": "unknown", "door": "unknown", "occupied": None}


@pytest.fixture
def bank(mosquitto: Broker) -> Iterator[PuppetBank]:
    made = PuppetBank(mosquitto)
    yield made
    made.stop()


def online(device: Puppet, boot: str) -> None:
    device.boot = boot
    device.send("status", {"online": True, "boot": boot, "kind": "cart", "contract": 1, "firmware": "puppet"})


def cart(gateway: Gateway) -> dict[str, Any]:
    return dict(gateway.reads.one("SELECT * FROM carts WHERE cart='cart-01'"))


def needs(gateway: Gateway) -> list[tuple[str, str]]:
    return [(need.kind, need.device) for need in device_queries.flapping_needs(gateway.reads, 0)]


async def test_a_loop_of_boots_is_one_fact_with_a_count(broker: Broker, tmp_path: Path, puppet: Puppet) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        before = gateway.journal.sequence
        for number in range(100):
            online(puppet, f"boot-{number}")
            puppet.state()
            puppet.send("status", {"online": False})
        online(puppet, "last")
        await until(lambda: facts(gateway, "device.flapping.v1"))
        await until(lambda: needs(gateway) == [("device_reconnects", "cart-01")])
        assert gateway.journal.sequence - before < 60, "a hundred boots were 202 facts before they were counted"
        assert b'storekeeper_device_flaps_total{device="cart-01",what="presence"}' in metrics_of(gateway)


@pytest.mark.parametrize("trembles", [0.0, 0.03])
async def test_a_battery_with_a_loose_contact_is_one_fact_with_a_count(
    broker: Broker, tmp_path: Path, puppet: Puppet, trembles: float
) -> None:
    """Each time it was low, dead and good again: three facts a second, for as long as it lasted."""
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        live = gateway.devices.ingest.live["cart-01"]
        await until(lambda: live.state)
        for number in range(100):
            charge = 0.9 if number % 2 else 0.01
            puppet.state(battery=charge + trembles * (number % 3))
            await until(lambda told=charge + trembles * (number % 3): live.state and live.state.battery == told)
        await until(lambda: facts(gateway, "device.flapping.v1"))
        await until(lambda: needs(gateway) == [("device_bounces", "cart-01")])
        told = [kind for kind in ("low", "dead", "good") for _ in facts(gateway, f"cart.battery_{kind}.v1")]
        assert len(told) < 20, told


async def test_a_battery_that_drains_and_is_charged_is_told_as_ever(
    broker: Broker, tmp_path: Path, puppet: Puppet
) -> None:
    """Trembling by some hundredths, as gauges do."""
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        live = gateway.devices.ingest.live["cart-01"]
        await until(lambda: live.state)
        for number in range(120):
            charge = max(0.0, 0.2 - number / 500 + 0.03 * (number % 2))
            puppet.state(battery=charge)
            await until(lambda told=charge: live.state and live.state.battery == told)
        await until(lambda: facts(gateway, "cart.battery_dead.v1"))
        puppet.state(battery=1.0)
        await until(lambda: facts(gateway, "cart.battery_good.v1"))
        assert not gateway.devices.mistakes.flaps
        assert len(facts(gateway, "cart.battery_low.v1")) == 1


async def test_lights_that_go_on_and_off_are_no_flapping(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: gateway.reads.one("SELECT shut FROM doors WHERE bank=?", BANK)["shut"] == "closed")
        for number in range(BOUNCE.most + 1):
            bank.doors["05"] = {**bank.doors["05"], "lit": number % 2 == 0}
            bank.state()
        bank.opens("05")
        opened = "SELECT 1 FROM doors WHERE bank=? AND door='05' AND shut='open'"
        await until(lambda: gateway.reads.one(opened, BANK))
        assert not gateway.devices.mistakes.flaps


async def test_a_reconnecting_bank_writes_nothing_for_its_doors_and_an_opening_at_once(
    mosquitto: Broker, bank: PuppetBank, tmp_path: Path
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: gateway.reads.one("SELECT shut FROM doors WHERE bank=?", BANK)["shut"] == "closed")
        doors = bank.doors
        seen = len(facts(gateway, "locker.seen.v1"))
        for _ in range(40):
            online(bank, uuid.uuid4().hex)
            bank.doors = dict.fromkeys(doors, UNKNOWN)
            bank.state()
            bank.doors = doors
            bank.state()
            bank.send("status", {"online": False})
        bank.opens("05")
        await until(lambda: len(facts(gateway, "locker.seen.v1")) > seen)
        found = facts(gateway, "locker.seen.v1")[seen:]
        assert [(one["door"], one["shut"]) for one in found] == [("05", "open")]
        assert facts(gateway, "locker.silent.v1") == []


async def test_a_bank_that_goes_silent_is_one_fact(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: gateway.reads.one("SELECT shut FROM doors WHERE bank=?", BANK)["shut"] == "closed")
        doors, before = bank.doors, len(facts(gateway, "locker.seen.v1"))
        bank.doors = dict.fromkeys(doors, UNKNOWN)
        bank.state()
        await until(lambda: facts(gateway, "locker.silent.v1"))
        bank.doors = doors
        bank.state()
        await until(lambda: facts(gateway, "locker.heard.v1"))
        assert [len(one["doors"]) for one in facts(gateway, "locker.silent.v1")] == [12]
        assert len(facts(gateway, "locker.seen.v1")) == before


async def test_a_cart_that_starts_anew_and_does_not_know_its_lock_is_not_taken_for_returned(
    broker: Broker, tmp_path: Path, puppet: Puppet
) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        member = await join(gateway)
        await until(lambda: gateway.reads.one("SELECT online FROM devices WHERE device='cart-01'")["online"])
        await ask(gateway, member)
        await until(lambda: cart(gateway)["state"] == "out")
        observed, now = gateway.devices.ingest.live["cart-01"].observed, time.monotonic()
        observed._clock = lambda: now  # what is held is held until something is said, however slow this machine is
        online(puppet, "anew")
        puppet.send("state", {"boot": "anew", "at": "", "lock": "unknown", "docked": None})
        await until(lambda: observed.held)
        assert cart(gateway)["state"] == "out", "what it showed before its start is no news"
        puppet.state()
        await until(lambda: cart(gateway)["state"] == "docked")
