"""A whole gateway on a real broker and a real file, and a device that misbehaves on demand."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.bootstrap.gateway import open_gateway
from edge.domain.carts import decisions as carts
from edge.domain.carts.decisions import Grant
from edge.domain.members import decisions as members
from edge.domain.members.facts import Consents
from tests.callers import browser_of, by
from tests.example import CONFIG, of_any_day

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway
    from edge.settings.settings import Settings

__all__ = ["CONFIG"]


def settings_for(broker: Broker, data: Path, **box: Any) -> Settings:
    """The example store, on that broker, with its data in `data`."""
    settings = of_any_day()
    changes = {
        "data": data,
        "broker": settings.gateway.broker.model_copy(update={"url": broker.url}),
        "public_url": "http://store.test",
        "unlock_ttl_ms": 60_000,
        **box,
    }
    return settings.model_copy(update={"gateway": settings.gateway.model_copy(update=changes)})


class Puppet:
    """A cart's lock in the hands of a test, on bare paho.

    A double, because the tests need what no honest device does: silence, lies, rubbish, other devices' replies. The
    agent and its drivers have their own tests against the contract.
    """

    def __init__(self, broker: Broker, device: str = "cart-01", store: str = "s001") -> None:
        self.topic = f"sk/{store}/{device}/"
        self.boot = uuid.uuid4().hex
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[dict[str, Any]] = []
        """Commands that were over before they came: they ask whether it is there, and it says so while `present`."""
        self.present: dict[str, Any] | None = {"outcome": "expired"}
        self._sent: mqtt.MQTTMessageInfo | None = None
        self.answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _: {"outcome": "done"}
        # A name of its own: the embedded broker may still be busy with the puppet that the test before has left.
        name = f"{device}-{self.boot[:8]}"
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
        self._client.will_set(self.topic + "status", b'{"online":false}', 1, retain=True)
        self._client.on_message = self._take
        self._client.on_connect = self._hello
        listening = threading.Event()
        self._client.on_subscribe = lambda *_: listening.set()
        self._client.reconnect_delay_set(1, 1)
        host, port = broker.url.removeprefix("mqtt://").split(":")
        self._client.connect(host, int(port))
        self._client.loop_start()
        # What a test sends at once would overtake the subscription, and its acknowledgement come to nobody.
        assert listening.wait(60), "the broker did not answer"

    def send(self, channel: str, body: Any, *, retain: bool | None = None, qos: int = 1) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        keep = channel in ("status", "state", "applied") if retain is None else retain
        self._sent = self._client.publish(self.topic + channel, raw, qos, retain=keep)

    def taken(self) -> bool:
        """Whether the broker has what was sent last, and with it all before."""
        return self._sent is not None and self._sent.is_published()

    def state(self, lock: str = "locked", docked: bool = True, **more: Any) -> None:
        self.send("state", {"boot": self.boot, "at": "", "lock": lock, "docked": docked, **more})

    def event(self, seq: int, **data: Any) -> None:
        self.send(
            "event", {"boot": self.boot, "seq": seq, "at": "2026-01-01T00:00:00.000Z", "type": "touched", "data": data}
        )

    def commands(self) -> list[dict[str, Any]]:
        """Each time that it was told something: what is not answered within a quarter of a second is said again."""
        return [body for channel, body in self.got if channel == "command"]

    def told(self) -> list[dict[str, Any]]:
        """Each command once, however often it was sent."""
        found: dict[str, dict[str, Any]] = {}
        for command in self.commands():
            found.setdefault(command["id"], command)
        return list(found.values())

    def acks(self) -> list[int]:
        return [body["seq"] for channel, body in self.got if channel == "ack" and body["boot"] == self.boot]

    def reply(self, body: dict[str, Any]) -> None:
        self.send("reply", body, qos=0)

    def vanish(self) -> None:
        """Drop the line without a goodbye; the broker publishes the will."""
        self._client.loop_stop()
        self._client.socket().close()

    def stop(self) -> None:
        """Leave, and leave nothing retained for the next test on this broker."""
        for channel in ("status", "state"):
            self._client.publish(self.topic + channel, b"", 1, retain=True).wait_for_publish(60)
        self._client.disconnect()
        self._client.loop_stop()

    def _hello(self, client: mqtt.Client, *_: Any) -> None:
        channels = (("command", 0), ("ack", 1))
        client.subscribe([(self.topic + channel, SubscribeOptions(qos, retainHandling=2)) for channel, qos in channels])
        status = {"online": True, "boot": self.boot, "kind": "cart", "contract": 1, "firmware": "puppet"}
        self.send("status", {**status, "capabilities": ["unlock"]})
        self.state()

    def _take(self, _: mqtt.Client, _u: Any, message: mqtt.MQTTMessage) -> None:
        channel, body = message.topic.rsplit("/", 1)[1], json.loads(message.payload)
        if channel == "command":
            body["expiry"] = message.properties.MessageExpiryInterval
            body["response"] = message.properties.ResponseTopic
            body["correlation"] = message.properties.CorrelationData
            body["retained"], body["qos"] = message.retain, message.qos
            if body["ttl_ms"] == 0:
                self.asked.append(body)
                if self.present is not None:
                    answer = json.dumps({"id": body["id"], **self.present})
                    self._client.publish(self.topic + "reply", answer, 0)
                return
        self.got.append((channel, body))
        if channel == "command" and (answer := self.answer(body)) is not None:
            self.reply({"id": body["id"], **answer})


async def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """What the condition gives as soon as it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.01)
    return result


@asynccontextmanager
async def running(broker: Broker, data: Path, **box: Any) -> AsyncIterator[Gateway]:
    async with open_gateway(settings_for(broker, data, **box)) as gateway:
        await until(lambda: gateway.devices.bus.connected)
        yield gateway


async def join(gateway: Gateway, phone: str = "+8613800138000") -> str:
    sealed = gateway.parts.vault.seal(phone)
    registration = await gateway.decide(
        members.make_member,
        sealed=sealed,
        browser=browser_of(sealed.member),
        consents=Consents(service=True, marketing=False),
        language="zh-CN",
        touchpoint="cart-01",
        request=uuid.uuid4().hex,
    )
    return registration.member


async def ask(gateway: Gateway, member: str, cart: str = "cart-01", request: str | None = None) -> Grant:
    return await gateway.decide(
        carts.unlock, cart=cart, caller=by(member), touchpoint=cart, request=request or uuid.uuid4().hex
    )


def gives_up_after(gateway: Gateway, ttl_ms: int) -> None:
    """From now on an unlock waits so long for its answer: short where a test wants none, long where it wants one."""
    gateway.devices.effects._ttl_ms = ttl_ms


def online(gateway: Gateway, device: str = "cart-01") -> bool:
    return bool(gateway.reads.one("SELECT online FROM devices WHERE device=?", device)["online"])


def facts(gateway: Gateway, tag: str) -> list[dict[str, Any]]:
    """What every fact of a kind says, in order."""
    rows = gateway.reads.all("SELECT body FROM entries WHERE type=? ORDER BY sequence", tag)
    return [json.loads(row["body"]) for row in rows]


def expiry(seconds: int) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)
    properties.MessageExpiryInterval = seconds
    return properties


@pytest.fixture
def puppet(broker: Broker) -> Iterator[Puppet]:
    made = Puppet(broker)
    yield made
    made.stop()
