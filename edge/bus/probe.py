"""A look at the broker from the side: what it calls itself, and how long a message takes to come back."""

from __future__ import annotations

import queue
import time
from statistics import median
from typing import Any, Final

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from device_drivers.broker import BrokerAddress
from edge.bus.connection import no_delay

LOGIN: Final = "doctor"
"""A user of its own: a client that came in under the gateway's name would throw the gateway out."""
ROUNDS: Final = 15
PATIENCE: Final = 3.0
"""Seconds to wait for any one answer."""
VERSION_S: Final = 0.3
"""Seconds to wait for its name, which not every broker says."""
VERSION: Final = "$SYS/broker/version"


class Probe(msgspec.Struct, frozen=True):
    """What was found. `refused` is the broker's own word where it let nobody in."""

    refused: str | None = None
    version: str | None = None
    """What the broker calls itself; None where it does not say."""
    round_trip: float | None = None
    """Median seconds of a message at QoS 1 to itself; None where none came back."""


def probe(broker: BrokerAddress, store: str, password: str | None) -> Probe:
    """Connect, ask, measure, leave. Raises `OSError` where nobody listens, or a certificate is not the right one, and
    `PasswordInClear`.
    """
    broker.check(password)
    heard: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    topic = f"sk/{store}/{LOGIN}/probe"
    client = Client(CallbackAPIVersion.VERSION2, LOGIN, protocol=MQTTProtocolVersion.MQTTv5)
    if password is not None:
        client.username_pw_set(LOGIN, password)
    if (context := broker.context) is not None:
        client.tls_set_context(context)

    def connected(_: Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        heard.put(("refused" if reason.is_failure else "connected", str(reason)))

    client.on_connect = connected
    client.on_subscribe = lambda *_: heard.put(("subscribed", ""))
    client.on_message = lambda _, __, message: heard.put((message.topic, message.payload.decode(errors="replace")))
    client.on_socket_open = no_delay
    client.connect(broker.host, broker.port, keepalive=10)
    client.loop_start()
    try:
        kind, reason = _next(heard, "connected", "refused")
        if kind != "connected":
            return Probe(refused=reason or "no answer")
        client.subscribe(topic, 1)
        _next(heard, "subscribed")
        round_trip = _measure(client, heard, topic)
        client.subscribe(VERSION)  # Last: the embedded broker ends a connection that asks for it.
        _, version = _next(heard, VERSION, patience=VERSION_S)
        return Probe(version=version or None, round_trip=round_trip)
    finally:
        client.disconnect()
        client.loop_stop()


def _measure(client: Client, heard: queue.SimpleQueue[tuple[str, str]], topic: str) -> float | None:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.publish(topic, b"?", qos=1)
        if not _next(heard, topic)[0]:
            return None
        taken.append(time.perf_counter() - began)
    return median(taken)


def _next(heard: queue.SimpleQueue[tuple[str, str]], *wanted: str, patience: float | None = None) -> tuple[str, str]:
    """The next of the `wanted` kinds, or two empty strings when none comes in time."""
    deadline = time.monotonic() + (PATIENCE if patience is None else patience)
    while (rest := deadline - time.monotonic()) > 0:
        try:
            kind, text = heard.get(timeout=rest)
        except queue.Empty:
            break
        if kind in wanted:
            return kind, text
    return "", ""
