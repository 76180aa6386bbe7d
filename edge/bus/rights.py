"""What the broker lets a stranger do: tried from the side, with a login that belongs to no device."""

from __future__ import annotations

import queue
import ssl
import time
from contextlib import suppress
from typing import Any, Final, Self

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from device_drivers.broker import BrokerAddress
from edge.bus.connection import no_delay
from edge.bus.probe import LOGIN

STRANGER: Final = "doctor-without-password"
NOBODY: Final = "doctor-tries"
"""A device that no store has: what is said in its name reaches nobody."""
PATIENCE_S: Final = 3.0
LISTEN_S: Final = 0.5
"""How long it listens for what it must not hear; the broker sends what it keeps at once."""


class Rights(msgspec.Struct, frozen=True):
    """What a foreign device can do. All of it empty is as it should be."""

    stranger: bool
    """Somebody without a password is let in."""
    refused: str | None = None
    """The broker's word where it does not know the doctor's own login: then no more was tried."""
    hears: tuple[str, ...] = ()
    """Topics of other devices that it could read."""
    speaks: tuple[str, ...] = ()
    """Topics of another device that it could write."""


def rights(broker: BrokerAddress, store: str, password: str | None) -> Rights:
    """Try it. Nothing that it says reaches a device of the store. Raises `OSError` where nobody listens."""
    with _Caller(broker, STRANGER, None) as stranger:
        lets_in = stranger.refused is None
        if lets_in and password is None:
            return Rights(stranger=True, hears=stranger.hears(store), speaks=stranger.speaks(store))
    with _Caller(broker, LOGIN, password) as foreign:
        if foreign.refused is not None:
            return Rights(lets_in, foreign.refused)
        return Rights(lets_in, None, foreign.hears(store), foreign.speaks(store))


class _Caller:
    """One connection, for as long as the `with` lasts."""

    def __init__(self, broker: BrokerAddress, name: str, password: str | None) -> None:
        self._name = name
        self._said: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        client = self._client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5)
        if password is not None:
            client.username_pw_set(name, password)
        if (context := broker.context) is not None:
            client.tls_set_context(context)
        client.on_connect = lambda _, __, ___, reason, ____: self._said.put(("connected", reason))
        client.on_publish = lambda _, __, mid, reason, ___: self._said.put((f"published {mid}", reason))
        client.on_message = lambda _, __, message: self._said.put(("message", message.topic))
        client.on_subscribe = lambda *_: self._said.put(("subscribed", None))
        client.on_socket_open = no_delay
        client.connect(broker.host, broker.port, keepalive=10)
        client.loop_start()
        reason = self._next("connected")
        self.refused = None if reason is not None and not reason.is_failure else str(reason or "no answer")
        """The broker's word where it did not let this one in."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, ssl.SSLError):
            self._client.disconnect()
        self._client.loop_stop()

    def hears(self, store: str) -> tuple[str, ...]:
        """Topics of others that came in."""
        own = f"sk/{store}/{self._name}/"
        self._client.subscribe([(f"sk/{store}/#", 0), (f"sk/{store}/+/status", 0), (f"sk/{store}/+/state", 0)])
        self._next("subscribed")
        heard: set[str] = set()
        until = time.monotonic() + LISTEN_S
        while (left := until - time.monotonic()) > 0:
            topic = self._next("message", left)
            if isinstance(topic, str) and not topic.startswith(own):
                heard.add(topic)
        return tuple(sorted(heard))

    def speaks(self, store: str) -> tuple[str, ...]:
        """Topics of a device that is not there, and that the broker took from us all the same."""
        taken = []
        for kind in ("command", "desired", "ack", "status", "state", "event", "reply"):
            topic = f"sk/{store}/{NOBODY}/{kind}"
            sent = self._client.publish(topic, b"", qos=1)
            reason = self._next(f"published {sent.mid}")
            if reason is not None and not reason.is_failure:
                taken.append(topic)
        return tuple(taken)

    def _next(self, wanted: str, patience: float | None = None) -> Any:
        until = time.monotonic() + (PATIENCE_S if patience is None else patience)
        while (left := until - time.monotonic()) > 0:
            try:
                kind, what = self._said.get(timeout=left)
            except queue.Empty:
                return None
            if kind == wanted:
                return what
        return None
