"""Listens on the bus for what devices report and what the gateway acknowledges."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from types import TracebackType


class Tap:
    """`acks` and `events` hold (wall milliseconds, device, boot, seq) of each that passed; repeats count."""

    def __init__(self, port: int) -> None:
        self.acks: list[tuple[int, str, str, int]] = []
        self.events: list[tuple[int, str, str, int]] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="tap", protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe([("sk/+/+/ack", 1), ("sk/+/+/event", 1)])
        self._client.on_message = self._take
        self._client.reconnect_delay_set(1, 1)
        self._listening = threading.Event()
        self._client.on_subscribe = lambda *_: self._listening.set()
        self._client.connect_async("127.0.0.1", port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._listening.wait(60), "the broker did not answer"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        body = json.loads(message.payload)
        _, _, device, channel = message.topic.split("/")
        seen = self.acks if channel == "ack" else self.events
        seen.append((time.time_ns() // 1_000_000, device, body["boot"], body["seq"]))
