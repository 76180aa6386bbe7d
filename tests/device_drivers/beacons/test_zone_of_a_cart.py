"""From a receiver on the store's own guarded broker to the zone of a cart in the gateway's tables."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho

from device_drivers.agent import Agent
from device_drivers.backoff import Backoff
from device_drivers.beacons import mqtt
from device_drivers.connection import Link
from edge.bootstrap.gateway import open_gateway
from edge.bus import brokers
from edge.secrets.credentials import passwords, prepare
from edge.settings.settings import DeviceSettings
from tests.conftest import free_port, need
from tests.edge.conftest import settings_for, until

if TYPE_CHECKING:
    from pathlib import Path

    from edge.settings.settings import Settings

TAG = "e5ca1ade-f007-ba11-0000-000000000000-100-7"
DEVICE, LISTENER = "beacons-1", "beacon-listener"
RECEIVERS = {"dairy-wall": "baby", "OMG-fresh": "fresh"}


def with_beacons(settings: Settings) -> Settings:
    """The example store, with receivers in two of its zones."""
    label = {"zh-CN": "信标", "en": "Beacons"}
    device = DeviceSettings.model_validate(
        {"id": DEVICE, "kind": "beacon", "zone": "entrance", "label": label, "at": (1.0, 1.0)}
    )
    return settings.model_copy(update={"devices": [*settings.devices, device]})


class Receiver:
    """Publishes as a receiver does, under its own name."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv5)
        self._client.username_pw_set(name, password)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def says(self, topic: str, **body: Any) -> bool:
        """Whether the broker took it; with QoS 1 and MQTT 5 it says so."""
        refused: list[bool] = []
        self._client.on_publish = lambda _c, _u, _mid, reason, _p: refused.append(reason.is_failure)
        self._client.publish(topic, json.dumps(body), 1).wait_for_publish(60)
        deadline = time.monotonic() + 60
        while not refused and time.monotonic() < deadline:
            time.sleep(0.005)
        return refused == [False]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


async def test_a_receivers_reading_becomes_the_zone_of_a_cart(tmp_path: Path) -> None:
    need("mosquitto")
    prepare(tmp_path, ["gateway", DEVICE, LISTENER, *RECEIVERS])
    words, port = passwords(tmp_path), free_port()
    broker = brokers.mosquitto(port, tmp_path / "broker", words)
    broker.start()
    try:
        await _walk(broker, port, words, tmp_path)
    finally:
        broker.stop()


async def _walk(broker: brokers.Broker, port: int, words: dict[str, str], folder: Path) -> None:
    where = {"host": "127.0.0.1", "port": port, "username": LISTENER, "password": words[LISTENER]}
    driver = mqtt.Driver(mqtt.Settings(receivers=RECEIVERS, tags={TAG: "cart-07"}, **where), folder)
    link = Link("127.0.0.1", port, "s001", DEVICE, words[DEVICE])
    agent = Agent(DEVICE, driver, link, folder / DEVICE, backoff=Backoff(0.05, 0.2))
    receivers = {name: Receiver(port, name, words[name]) for name in RECEIVERS}
    settings = with_beacons(settings_for(broker, folder))
    guarded = settings.gateway.broker.model_copy(update={"password": words["gateway"]})
    box = settings.gateway.model_copy(update={"broker": guarded})
    async with open_gateway(settings.model_copy(update={"gateway": box})) as gateway:

        def zone() -> str | None:
            row = gateway.reads.one("SELECT zone FROM cart_care WHERE cart='cart-07'")
            return row["zone"] if row else None

        await until(lambda: gateway.devices.bus.connected)
        agent.start()
        try:
            await until(lambda: driver.state().online)
            for name, (topic, body) in _heard().items():
                for _ in range(2):
                    assert await asyncio.to_thread(receivers[name].says, topic, **body)
                await until(lambda name=name: zone() == RECEIVERS[name])  # type: ignore[misc]
            other = f"espresense/devices/{TAG}/OMG-fresh"
            assert not await asyncio.to_thread(receivers["dairy-wall"].says, other, rssi=-20), "it speaks for another"
        finally:
            agent.stop()
            for receiver in receivers.values():
                receiver.close()


def _heard() -> dict[str, tuple[str, dict[str, Any]]]:
    uuid, major, minor = TAG.rsplit("-", 2)
    return {
        "dairy-wall": (f"espresense/devices/iBeacon:{TAG}/dairy-wall", {"id": f"iBeacon:{TAG}", "rssi": -70}),
        "OMG-fresh": (
            "home/OMG-fresh/BTtoMQTT/AABBCCDDEEFF",
            {"id": "AA:BB:CC:DD:EE:FF", "rssi": -50, "uuid": uuid, "major": int(major), "minor": int(minor)},
        ),
    }
