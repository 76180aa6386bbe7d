"""Every word of the contract once around: the gateway's own bus, each broker, the real agent, a driver, and back."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import pytest

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.contract import (
    DESIRED,
    EVENT_DATA,
    INSTRUCTIONS,
    BankKeypad,
    CouponWall,
    Docked,
    DoorClosed,
    DoorForced,
    DoorOpened,
    Element,
    EventData,
    Find,
    Forced,
    Identify,
    Instruction,
    Lock,
    NoticeScene,
    Outcome,
    Print,
    ProductScene,
    Restart,
    Scanned,
    Show,
    Snapshot,
    Touched,
    Undocked,
    Unlock,
    WallScene,
    WelcomeScene,
    ZoneChanged,
    desired_body,
)
from device_drivers.contract.documents import Document, Text
from device_drivers.locks import simulated_cart, simulated_locker
from device_drivers.printers import simulated as simulated_printer
from device_drivers.screens import simulated as simulated_screen
from edge.bootstrap.gateway import open_gateway
from tests.edge.conftest import settings_for, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_drivers.driver import Driver
    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

WORDS = {"zh-CN": "红颜草莓", "en": "Strawberries"}
PRODUCT = ProductScene("09521101500011", WORDS, "CNY", "strawberry", "#F9D9DC", price=1590, for_={"en": "/kg"})
TOLD: list[tuple[str, Instruction, Outcome]] = [
    ("cart-01", Find(0.1), Outcome.DONE),
    ("cart-01", Unlock(), Outcome.DONE),
    ("cart-01", Lock(), Outcome.DONE),
    ("cart-01", Restart(), Outcome.REFUSED),
    ("locker-a", Unlock("07"), Outcome.DONE),
    ("locker-a", Identify(), Outcome.DONE),
    ("printer-1", Print("job-1", 1, Document((Text("谢谢光临"),), copy={"en": "COPY"})), Outcome.DONE),
    ("printer-1", Print("job-1", 1, Document((Text("谢谢光临"),), copy={"en": "COPY"})), Outcome.ALREADY),
    ("screen-fresh", Show(PRODUCT), Outcome.DONE),
    ("screen-fresh", Show(NoticeScene({"en": "A payment code"})), Outcome.DONE),
    ("screen-fresh", Show(WelcomeScene({"en": "Welcome back"}, coupons=2)), Outcome.DONE),
    ("screen-fresh", Show(WallScene()), Outcome.DONE),
    ("screen-fresh", Snapshot(), Outcome.DONE),
]
HAPPENED: list[EventData] = [
    Scanned("6901234567892", "ean13", "36", (Element("01", "06901234567892"),), known=True, place=((0.1, 0.2),)),
    Undocked(),
    Docked("dock-3"),
    Forced(),
    DoorOpened("07"),
    DoorClosed("07"),
    DoorForced("08"),
    ZoneChanged("fresh", None, "cart-02", -61.0),
    Touched(),
]


def test_every_word_has_its_round_trip() -> None:
    assert {order.verb for _, order, _ in TOLD} == set(INSTRUCTIONS)
    told = {event_data.type for event_data in HAPPENED}
    own = {"displayed", "session_ended"}
    assert told == set(EVENT_DATA) - own, "and those, which become facts of their own: test_displays"
    assert {"screen": (CouponWall, BankKeypad)} == DESIRED, "and so do the bodies, below"


class Spoken(simulated_cart.Driver):
    """A cart that reports what a test tells it."""

    def start(self, report: Any) -> None:
        self.report = report
        super().start(report)


class Floor:
    """Real agents with simulated drivers."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.folder = folder
        self.cart = Spoken(simulated_cart.Settings(pull_out_s=0), folder / "cart-01")
        self.drivers: dict[str, Driver] = {
            "cart-01": self.cart,
            "locker-a": simulated_locker.Driver(simulated_locker.Settings(), folder / "locker-a"),
            "printer-1": simulated_printer.Driver(simulated_printer.Settings(print_s=0), folder / "printer-1"),
            "screen-fresh": simulated_screen.Driver(simulated_screen.Settings(), folder / "screen-fresh"),
        }
        address = urlsplit(broker.url)
        self.agents = []
        for device, driver in self.drivers.items():
            link = Link(str(address.hostname), int(address.port or 0), "s001", device)
            self.agents.append(Agent(device, driver, link, folder / device, backoff=Backoff(0.1, 0.5)))
        for agent in self.agents:
            agent.start()

    def stop(self) -> None:
        for agent in self.agents:
            agent.stop()


@pytest.fixture
def floor(own_broker: Broker, tmp_path: Path) -> Iterator[Floor]:
    made = Floor(own_broker, tmp_path / "floor")
    yield made
    made.stop()


async def ready(gateway: Gateway, floor: Floor) -> None:
    await until(lambda: all(gateway.devices.ingest.live[device].online for device in floor.drivers))
    await until(lambda: floor.cart.state().lock == "locked" and hasattr(floor.cart, "report"))


async def test_every_order_reaches_its_driver_and_its_end_comes_back(
    own_broker: Broker, tmp_path: Path, floor: Floor
) -> None:
    async with open_gateway(settings_for(own_broker, tmp_path / "data")) as gateway:
        await ready(gateway, floor)
        for fence, (device, order, outcome) in enumerate(TOLD, start=int(time.time())):
            reply = await gateway.devices.bus.call(device, order, id=str(uuid.uuid4()), fence=fence, ttl_ms=60_000)
            assert (device, order.verb, reply.outcome) == (device, order.verb, outcome)
            if isinstance(order, Show):
                shown = (floor.folder / device / "scene.json").read_bytes()
                assert msgspec.json.decode(shown, type=type(order.scene)) == order.scene, "to the last field"
            if isinstance(order, Snapshot):
                assert reply.observed.png
        assert gateway.devices.mistakes.refusals == {("cart-01", "restart", "bad_args"): 1}
        (slip,) = (floor.folder / "printer-1" / "slips").glob("*.json")
        assert json.loads(slip.read_bytes())["document"]["copy"] == {"en": "COPY"}


async def test_every_event_becomes_a_fact(own_broker: Broker, tmp_path: Path, floor: Floor) -> None:
    async with open_gateway(settings_for(own_broker, tmp_path / "data")) as gateway:
        await ready(gateway, floor)
        for event_data in HAPPENED:
            await asyncio.to_thread(floor.cart.report.event, event_data)

        def told() -> list[dict[str, Any]]:
            rows = gateway.reads.all("SELECT body FROM entries WHERE type='device.reported.v1' ORDER BY sequence")
            return [json.loads(row["body"]) for row in rows]

        await until(lambda: len(told()) == len(HAPPENED))
        wanted = [(event_data.type, msgspec.to_builtins(event_data)) for event_data in HAPPENED]
        wanted[0] = ("scanned", {"symbology": "ean13", "length": 13})  # no text of a code reaches the journal
        assert [[fact["event"], fact["data"]] for fact in told()] == json.loads(json.dumps(wanted))
        assert not gateway.devices.mistakes.counts
        await until(lambda: not any(agent._outbox.pending() for agent in floor.agents))


async def test_every_desired_body_is_shown_and_what_is_none_is_refused_in_words(
    own_broker: Broker, tmp_path: Path, floor: Floor
) -> None:
    settings = settings_for(own_broker, tmp_path / "data")
    beside = [
        device.model_copy(update={"attached_to": "locker-a"}) if device.id == "screen-fresh" else device
        for device in settings.devices
    ]

    def shown() -> Any:
        return desired_body("screen", (floor.folder / "screen-fresh" / "shown.json").read_bytes())

    async with open_gateway(settings) as gateway:
        await until(lambda: gateway.devices.ingest.live["screen-fresh"].applied)
        await until(lambda: isinstance(shown(), CouponWall))
        assert shown().zone.id == "fresh"
        assert shown().coupons
    async with open_gateway(settings.model_copy(update={"devices": tuple(beside)})) as gateway:
        await until(lambda: isinstance(shown(), BankKeypad))
        assert shown().bank.id == "locker-a"
        wanted = b'{"revision":7,"sha256":"%s","body":{"schema":1}}'
        import hashlib

        gateway.devices.bus.desire("cart-01", wanted % hashlib.sha256(b'{"schema":1}').hexdigest().encode())
        await until(lambda: gateway.devices.ingest.live["cart-01"].applied)
        assert gateway.devices.ingest.live["cart-01"].applied.error == "a cart has nothing to show or to set"
        gateway.devices.bus._connection.publish("sk/s001/cart-01/desired", b"", 1, retain=True)
