"""The gateway's side of the contract with bare paho, and the devices as programs that can be killed."""

from __future__ import annotations

import functools
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.bus.brokers import Mosquitto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.bus.brokers import Broker

HERE = Path(__file__).parent
PROGRAMS = {
    "ours": "our_device.py",
    "independent": "independent_device.py",
    "independent-1.1": "independent_device.py",
    "kerong": "kerong_device.py",
    "firmware": "firmware_device.py",
}
PATIENCE_S = 60.0
STORE = "s001"


class Heard(msgspec.Struct, dict=True):
    """A message as the gateway's side got it."""

    channel: str
    payload: bytes
    qos: int
    retained: bool
    correlation: bytes | None

    @functools.cached_property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.payload)
        return body


SentQos = Callable[[Heard], "int | None"]


class Gateway:
    """Hears everything of one device, and talks to it."""

    fences = itertools.count(100)

    def __init__(self, url: str, device: str, user: str | None = None, password: str | None = None) -> None:
        self.device = device
        self.heard: list[Heard] = []
        self._new = threading.Condition()
        self._subscribed = threading.Event()
        self._address = urlsplit(url)
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, user or f"gw-{uuid.uuid4()}", protocol=mqtt.MQTTv5)
        self.client.reconnect_delay_set(1, 1)
        if user:
            self.client.username_pw_set(user, password)
        self.client.on_socket_open = lambda _c, _u, sock: sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_message = self._on_message

    def topic(self, channel: str) -> str:
        return f"sk/{STORE}/{self.device}/{channel}"

    def __enter__(self) -> Self:
        assert self._address.hostname
        assert self._address.port
        self.client.connect(self._address.hostname, self._address.port)
        self.client.loop_start()
        assert self._subscribed.wait(PATIENCE_S), "the broker does not answer the subscription"
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        options = SubscribeOptions(qos=1)
        names = ("status", "state", "event", "reply", "applied")
        client.subscribe([(self.topic(channel), options) for channel in names])

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        channel = message.topic.rpartition("/")[2]
        heard = Heard(channel, bytes(message.payload), message.qos, message.retain, correlation)
        with self._new:
            self.heard.append(heard)
            self._new.notify_all()

    def of(self, channel: str) -> list[Heard]:
        with self._new:
            return [heard for heard in self.heard if heard.channel == channel]

    def wait(
        self,
        channel: str,
        fits: Callable[[dict[str, Any]], bool] = lambda _: True,
        *,
        since: int = 0,
        patience: float = PATIENCE_S,
    ) -> Heard:
        """The first message on the channel that fits, from number `since` of all that was heard."""
        deadline = time.monotonic() + patience
        with self._new:
            while True:
                for heard in self.heard[since:]:
                    if heard.channel == channel and fits(heard.body):
                        return heard
                rest = deadline - time.monotonic()
                if rest <= 0:
                    raise AssertionError(f"nothing fitting on {channel!r}; heard: {self.heard[since:]}")
                self._new.wait(rest)

    def publish(
        self, channel: str, payload: bytes, qos: int = 0, *, retain: bool = False, properties: Any = None
    ) -> None:
        sent = self.client.publish(self.topic(channel), payload, qos, retain, properties)
        sent.wait_for_publish(PATIENCE_S)

    def send(self, verb: str = "unlock", args: Any = None, *, retain: bool = False, **given: Any) -> str:
        """A command; `given` may be id, fence, ttl_ms, expiry (seconds, None for none)."""
        id_ = given.get("id") or str(uuid.uuid4())
        ttl_ms = given.get("ttl_ms", 60_000)
        body = {
            "id": id_,
            "verb": verb,
            "args": {} if args is None else args,
            "fence": given["fence"] if "fence" in given else next(self.fences),
            "ttl_ms": ttl_ms,
            "issued_at": "2026-01-01T00:00:00.000Z",
            **{name: given[name] for name in ("boot", "not_after_up_ms") if name in given},
        }
        properties = Properties(PacketTypes.PUBLISH)
        if (expiry := given.get("expiry", -(-ttl_ms // 1000))) is not None:
            properties.MessageExpiryInterval = expiry
        properties.ResponseTopic = self.topic("reply")
        properties.CorrelationData = uuid.UUID(id_).bytes
        self.publish("command", json.dumps(body).encode(), 0, retain=retain, properties=properties)
        return id_

    def reply(self, id_: str, *, since: int = 0, patience: float = PATIENCE_S) -> dict[str, Any]:
        return self.wait("reply", lambda body: body["id"] == id_, since=since, patience=patience).body

    def call(self, verb: str = "unlock", args: Any = None, **given: Any) -> dict[str, Any]:
        since = len(self.heard)
        return self.reply(self.send(verb, args, **given), since=since)

    def ack(self, boot: str, seq: int) -> None:
        self.publish("ack", json.dumps({"boot": boot, "seq": seq}).encode(), 1)

    def settle(self) -> None:
        """Everything sent before this has been dealt with: the device answers a command that came after it."""
        assert self.call("identify")["outcome"] == "done"


class Program:
    """A device as a process."""

    def __init__(self, kind: str, url: str, device: str, folder: Path, password: str | None = None) -> None:
        self.kind, self.url, self.device, self.folder, self.password = kind, url, device, folder, password
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, late: float = 0.0) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        address = urlsplit(self.url)
        argv = [sys.executable, str(HERE / PROGRAMS[self.kind])]
        argv += ["--host", str(address.hostname), "--port", str(address.port), "--store", STORE]
        argv += ["--device", self.device, "--folder", str(self.folder), "--late", str(late)]
        argv += ["--password", self.password] if self.password else []
        argv += ["--contract", "1.1"] if self.kind.endswith("1.1") else []
        path = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, env=path)

    def end(self, how: int = signal.SIGTERM) -> None:
        process, self.process = self.process, None
        if process:
            process.send_signal(how)
            process.wait(PATIENCE_S)

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def moves(self) -> int:
        """How often the bolt has moved."""
        path = self.folder / "moves"
        return len(path.read_text().splitlines()) if path.exists() else 0


class Cart(msgspec.Struct):
    """A running device and the gateway's side of it."""

    program: Program
    gateway: Gateway

    @property
    def boot(self) -> str:
        return self.online()["boot"]  # type: ignore[no-any-return]

    def online(self, *, since: int = 0) -> dict[str, Any]:
        return self.gateway.wait("status", lambda body: body["online"] is True, since=since).body

    def restart(self, late: float = 0.0) -> tuple[str, int]:
        """Power cut and power back: the new boot, and from which number on what is heard on `event` is all of it and
        nothing else. A status does not tell that: rumqttd keeps no order between two topics.
        """
        known = {heard.body.get("boot") for heard in self.gateway.of("status")}
        since = len(self.gateway.heard)
        self.program.kill()
        self.gateway.wait("status", lambda body: body == {"online": False}, since=since)  # the broker has read it all
        mark = {"boot": uuid.uuid4().hex, "seq": 0}
        self.gateway.publish("event", json.dumps(mark).encode(), 1)
        begins = self.gateway.heard.index(self.gateway.wait("event", lambda body: body == mark)) + 1
        self.program.start(late)
        back = self.gateway.wait("status", lambda body: body["online"] is True and body["boot"] not in known)
        return back.body["boot"], begins


def _cart(kind: str, broker: Broker, folder: Path) -> Iterator[Cart]:
    device = f"cart-{uuid.uuid4().hex[:8]}"
    program = Program(kind, broker.url, device, folder)
    with Gateway(broker.url, device) as gateway:
        yield Cart(program, gateway)
        program.kill()


@pytest.fixture(scope="session", params=list(PROGRAMS))
def kind(request: pytest.FixtureRequest) -> str:
    """Our device, and one that was written by somebody who only had the text."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def shared(kind: str, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cart]:
    """A running cart for tests that leave it alive."""
    for cart in _cart(kind, broker, tmp_path_factory.mktemp("shared")):
        cart.program.start()
        cart.online()
        yield cart


@pytest.fixture(scope="module")
def sent_qos(broker: Broker) -> Callable[[Heard], int | None]:
    """The QoS a device published with, as far as a subscriber at QoS 1 can tell: rumqttd delivers everything at the
    subscriber's QoS, so there it is None.
    """
    return lambda heard: heard.qos if isinstance(broker, Mosquitto) else None


@pytest.fixture
def cart(shared: Cart) -> Cart:
    """The shared cart, locked."""
    assert shared.gateway.call("lock")["outcome"] in ("done", "already")
    return shared


@pytest.fixture
def own_cart(kind: str, broker: Broker, tmp_path: Path) -> Iterator[Cart]:
    """A cart for this test alone, not yet started."""
    yield from _cart(kind, broker, tmp_path / "cart")
