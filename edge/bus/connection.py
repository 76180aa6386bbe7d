"""One MQTT 5 connection inside the event loop: paho without its thread, reconnecting for ever.

paho reads and writes when the loop says that the socket is ready, so a message costs no thread hop and its callback
runs where the gateway's own code runs. What goes at QoS 0 takes the short way of `PahoSocket`.
"""

from __future__ import annotations

import asyncio
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

import msgspec
import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from device_drivers.backoff import Backoff
from device_drivers.broker import BrokerAddress
from edge.bus.stream import OnPublish, PahoSocket

log = structlog.get_logger(__name__)

HELD_S: Final = 0.5
"""How often it looks whether it may come back, while it is held."""
KEEPALIVE_S: Final = 20
SAY_S: Final = 60.0
"""How often one fault of ours is told of."""


class BrokerLogin(msgspec.Struct, frozen=True):
    """Where the broker is, and as whom to log in."""

    broker: BrokerAddress
    username: str
    password: str | None = None


class _Client(mqtt.Client):
    """paho on a `PahoSocket` of ours."""

    def __init__(self, on_publish: OnPublish, *args: Any, **kwargs: Any) -> None:
        self._take = on_publish
        self.stream: PahoSocket | None = None
        super().__init__(*args, **kwargs)

    def _create_socket(self) -> Any:
        # paho has no public place for a socket of one's own; it is how its websockets come in, too.
        self.stream = PahoSocket(super()._create_socket(), self._take)
        return self.stream


class Connection:
    """Keeps one connection to the broker and hands every message to `on_message(topic, payload, retained)`."""

    def __init__(
        self,
        login: BrokerLogin,
        subscriptions: list[tuple[str, SubscribeOptions]],
        on_message: Callable[[str, bytes, bool], None],
        on_change: Callable[[bool], None],
    ) -> None:
        self._login, self._broker = login, login.broker
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._on_change = on_change
        self.connected = False
        self._held = False
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: dict[object, float] = {}
        self._client = self._make()

    def start(self) -> None:
        """Connect, and reconnect for ever, in the background."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._stay_connected(), name="mqtt")

    async def stop(self) -> None:
        """Say goodbye to the broker and stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.connected:
            self._client.disconnect()
            self._drain()
        self.connected = False

    def hold(self, held: bool) -> None:
        """Leave the broker, and stay away for as long as this holds: an outage that is rehearsed."""
        if held and not self._held and self.connected:
            self._client.disconnect()
            self._drain()
        self._held = held

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool = False) -> bool:
        """Hand a message to the broker's socket. False when there is no connection: nothing is queued then."""
        if not self.connected:
            return False
        sent = self._client.publish(topic, payload, qos, retain)
        self._drain()
        return sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def send(self, topic: str, payload: bytes, properties: bytes) -> bool:
        """The same at QoS 0, the short way. `properties` are packed, with their length."""
        stream = self._client.stream
        if not self.connected or stream is None:
            return False
        stream.publish(topic, payload, properties)
        return True

    def _make(self) -> _Client:
        client = _Client(
            self._take,
            CallbackAPIVersion.VERSION2,
            client_id=self._login.username,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        if self._login.password is not None:
            client.username_pw_set(self._login.username, self._login.password)
        if (context := self._broker.context) is not None:
            client.tls_set_context(context)
        client.max_inflight_messages_set(200)
        client.max_queued_messages_set(10_000)
        client.on_socket_open = no_delay
        client.on_socket_close = self._socket_close
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = lambda _c, _u, message: self._take(message.topic, bytes(message.payload), message.retain)
        return client

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        """Whatever comes of a message, the broker hears that it came, and the next is read: of those that nobody
        acknowledged it has only so many under way, and then no device is heard any more.
        """
        try:
            self._on_message(topic, payload, retained)
        except Exception as error:
            if self._is_due(error):
                log.exception("message.not_taken", topic=topic)

    def _is_due(self, error: Exception) -> bool:
        """Whether it may be told of: of each place that raises it once a minute, however many messages come."""
        *_, (frame, line) = traceback.walk_tb(error.__traceback__)
        kind, now = (type(error), frame.f_code, line), time.monotonic()
        if now - self._told.get(kind, -SAY_S) < SAY_S:
            return False
        self._told[kind] = now
        return True

    async def _stay_connected(self) -> None:
        backoff = Backoff()
        while True:
            if self._held:
                await asyncio.sleep(HELD_S)
                continue
            started = time.monotonic()
            try:
                await self._connect_once()
            except OSError as error:
                log.warning("broker.unreachable", host=self._broker.host, port=self._broker.port, error=str(error))
            except Exception:  # whatever it is: without the broker no door opens
                log.exception("broker.failed")
            backoff.connection_lasted(time.monotonic() - started)
            await asyncio.sleep(backoff.wait())

    async def _connect_once(self) -> None:
        """Connect and stay until the connection is lost."""
        self._lost.clear()
        # In a thread: name look-up and TCP handshake block, and the broker may be on another box.
        await asyncio.to_thread(
            self._client.connect,
            self._broker.host,
            self._broker.port,
            keepalive=KEEPALIVE_S,
            clean_start=True,
            properties=_session(),
        )
        stream = self._client.stream
        if stream is None or self._client.socket() is None:
            return
        stream.attach(self._loop)
        self._loop.add_reader(stream.fileno(), self._read, stream)
        while not self._lost.is_set():
            try:
                await asyncio.wait_for(self._lost.wait(), 1)
            except TimeoutError:
                self._client.loop_misc()
                self._drain()

    def _read(self, stream: PahoSocket) -> None:
        stream.read()
        while stream.waiting and self._client.socket() is not None:
            self._client.loop_read()
        self._drain()

    def _drain(self) -> None:
        """Write what paho kept back because it was inside a callback; the stream takes all of it."""
        if self._client.want_write():
            self._client.loop_write()

    def _socket_close(self, _: mqtt.Client, _u: Any, sock: Any) -> None:
        self._loop.remove_reader(sock.fileno())

    def _connected(self, client: mqtt.Client, _: Any, _f: Any, reason: ReasonCode, _p: Any) -> None:
        if reason.is_failure:
            log.error("broker.refused", reason=str(reason), username=self._login.username)
            return
        client.subscribe(self._subscriptions)
        self.connected = True
        log.info("broker.connected", host=self._broker.host, port=self._broker.port)
        self._on_change(True)

    def _disconnected(self, _: mqtt.Client, _u: Any, _f: Any, reason: ReasonCode, _p: Any) -> None:
        was, self.connected = self.connected, False
        self._lost.set()
        log.warning("broker.lost", reason=str(reason))
        if was:
            self._on_change(False)


def no_delay(_: mqtt.Client, _u: Any, sock: Any) -> None:
    """For `on_socket_open`: the second of two small packets waits 40 ms for the broker's delayed ACK otherwise."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 0
    properties.MaximumPacketSize = 1 << 20
    return properties
