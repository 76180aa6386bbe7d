"""A recorded walk through the store, with the zones worked out by hand; and the same over a real broker."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import pytest

from device_drivers.beacons import mqtt
from device_drivers.beacons.zones import TagMoved, ZoneRules, Zones
from device_drivers.contract import Find
from device_drivers.driver import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.bus.brokers import Broker
    from tests.device_drivers.conftest import Heard

WALK = [json.loads(line) for line in Path(__file__).with_name("walk.jsonl").read_text().splitlines()]
"""With every reading the zone of the cart after it: strengths move by half, 5 dB louder, twice in a row."""
RECEIVERS = {"entrance-pillar": "entrance", "dairy-wall": "dairy", "OMG-fresh": "fresh"}
TAG = "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-100-7"


def test_the_walk() -> None:
    zones, zone = Zones(ZoneRules()), None
    for step in WALK:
        found = mqtt.parse(step["topic"], json.dumps(step["payload"]).encode())
        assert found is not None
        tag, receiver, rssi = found
        if tag == "e5ca1adef007ba110000000000000000-100-7":
            change = zones.hear("cart-07", RECEIVERS[receiver], rssi, step["at"])
            if change:
                assert change.was == zone
                zone = change.zone
        assert zone == step["zone"], step
    assert zones.quiet(48.0) == []
    assert zones.quiet(49.5) == [TagMoved("cart-07", None, "dairy")]
    assert zones.quiet(99.0) == [], "lost once"


def test_between_two_receivers_that_hear_it_alike_it_stays() -> None:
    zones = Zones(ZoneRules())
    zones.hear("cart-07", "dairy", -60, 0.0)
    assert zones.hear("cart-07", "dairy", -60, 0.1) is not None
    changes = [
        zones.hear("cart-07", ("fresh", "dairy")[step % 2], -60 + (step * 7) % 5, step) for step in range(1, 200)
    ]
    assert [change for change in changes if change] == []


def test_one_loud_moment_is_no_move() -> None:
    zones = Zones(ZoneRules())
    for now in (0.0, 1.0):
        zones.hear("cart-07", "dairy", -70, now)
    assert zones.hear("cart-07", "fresh", -40, 2.0) is None
    for now in range(3, 8):
        assert zones.hear("cart-07", "dairy", -38, now) is None


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("espresense/devices/x/room", b"{"),
        ("espresense/devices/x/room", b'{"distance": 2}'),
        ("espresense/devices/x/room", b'{"rssi": "loud"}'),
        ("espresense/devices/x/room", b"\xff"),
        ("x/room", b'{"rssi": -60}'),
    ],
)
def test_what_is_no_reading(topic: str, payload: bytes) -> None:
    assert mqtt.parse(topic, payload) is None


def test_a_tag_has_one_name_however_it_is_written() -> None:
    body = b'{"rssi": -60, "uuid": "E5CA1ADEF007BA110000000000000000", "major": "100", "minor": 7}'
    assert mqtt.parse("home/gw/BTtoMQTT/AABB", body) == ("e5ca1adef007ba110000000000000000-100-7", "gw", -60)
    assert mqtt.parse("espresense/devices/AA-BB-CC/room", b'{"rssi": -60}') == ("aabbcc", "room", -60)
    assert mqtt.parse("home/gw/BTtoMQTT/AABBCC", b'{"id": "AA:BB:CC", "rssi": -61.5}') == ("aabbcc", "gw", -61.5)


@pytest.fixture
def receivers(mosquitto: Broker) -> Iterator[paho.Client]:
    """Publishes as receivers do; a reading of long ago lies on the broker."""
    address = urlsplit(mosquitto.url)
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect(str(address.hostname), int(address.port or 0))
    client.loop_start()
    old = f"espresense/devices/{TAG}/dairy-wall"
    client.publish(old, b'{"rssi": -20}', 1, retain=True).wait_for_publish(60)
    yield client
    client.publish(old, b"", 1, retain=True).wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def driver(receivers: paho.Client, mosquitto: Broker, heard: Heard, tmp_path: Path) -> Iterator[Any]:  # noqa: ARG001
    address = urlsplit(mosquitto.url)
    where = {"host": str(address.hostname), "port": int(address.port or 0)}
    made = mqtt.Driver(mqtt.Settings(receivers=RECEIVERS, tags={TAG: "cart-07"}, lost_s=3600, **where), tmp_path)
    made.start(heard)
    heard.until(lambda: any(state.online for state in heard.states))
    yield made
    made.stop()


def test_over_a_broker(driver: Any, receivers: paho.Client, heard: Heard) -> None:
    for step in WALK[:8]:  # the rest waits for something to grow stale
        receivers.publish(step["topic"], json.dumps(step["payload"])).wait_for_publish(60)
    heard.until(lambda: len(heard.events) == 2)
    driver._zones._rules = ZoneRules(lost_s=0.0)  # not before: on a busy machine the walk takes its time
    heard.until(lambda: len(heard.events) == 3)
    assert heard.events == [
        ("zone_changed", {"cart": "cart-07", "zone": "entrance", "was": None, "rssi": -61.0}),
        ("zone_changed", {"cart": "cart-07", "zone": "fresh", "was": "entrance", "rssi": -56.0}),
        ("zone_changed", {"cart": "cart-07", "zone": None, "was": "fresh", "rssi": None}),
    ]
    assert driver.carry_out(Find()).outcome is Outcome.REFUSED
    assert driver.state().online is True


@pytest.mark.parametrize(("answers", "online"), [(b"\x80\x80", False), (b"\x00\x80", True)])
def test_topics_that_the_broker_refuses_are_not_heard(
    heard: Heard, tmp_path: Path, caplog: pytest.LogCaptureFixture, answers: bytes, online: bool
) -> None:
    def serve() -> None:
        client, _ = server.accept()
        with client:
            client.recv(4096)  # CONNECT
            client.sendall(b"\x20\x02\x00\x00")
            asked = client.recv(4096)  # SUBSCRIBE: its packet's number stands behind the length
            client.sendall(b"\x90\x04" + asked[2:4] + answers)
            while client.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        broker = threading.Thread(target=serve, daemon=True)
        broker.start()
        port = server.getsockname()[1]
        made = mqtt.Driver(mqtt.Settings(receivers=RECEIVERS, tags={TAG: "cart-07"}, port=port), tmp_path)
        made.start(heard)
        heard.until(lambda: bool(heard.states))
        assert heard.states[0].online is online
        assert made.state().online is online
        made.stop()
        broker.join(60)
    assert "does not let it listen to" in caplog.text
    assert ("espresense/devices" in caplog.text) is not online
