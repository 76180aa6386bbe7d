"""A device's connection to the broker: it reconnects for ever, and knows nothing of what is sent over it."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from device_drivers.backoff import Backoff
from device_drivers.broker import BrokerAddress
from device_drivers.contract import OFFLINE, RETAINED, Channel, DeviceId, StoreId, Topic, qos

if TYPE_CHECKING:
    from paho.mqtt.reasoncodes import ReasonCode

log = logging.getLogger(__name__)

KEEPALIVE_S: Final = 15
"""A device that vanished is known to be gone after one and a half times this, in seconds."""
CONNECT_TIMEOUT_S: Final = 10.0
"""How long the broker may take to accept a connection, in seconds."""
TICK_S: Final = 1.0


class Link(msgspec.Struct, frozen=True):
    """Where the broker is and who the device is there. The user name is also the client id: the device's own id."""

    host: str
    port: int
    store: str
    username: str
    password: str | None = None
    tls: bool = False
    in_clear: bool = False
    """The password may cross the network unencrypted: somebody decided that."""
    authority: str | None = None
    """File of the store's own authority, the only one that the broker's certificate may come of; none: any that this
    machine trusts."""

    @property
    def broker(self) -> BrokerAddress:
        """The address alone."""
        return BrokerAddress(self.host, self.port, self.tls, self.authority)


class Received(msgspec.Struct, frozen=True):
    """A message as it arrived."""

    channel: Channel
    payload: bytes
    retained: bool
    expiry_s: int | None
    """What is left of the message expiry, in seconds; None where it has none."""
    correlation: bytes | None
    arrived: float
    """`time.monotonic()`, in seconds."""


class Listener(Protocol):
    """Who is told. The first two are called on the network thread and MUST NOT block."""

    def on_connected(self) -> None:
        """The device is connected and subscribed; say who and how it is."""

    def on_message(self, message: Received) -> None:
        """A message on `command`, `desired` or `ack`."""

    def on_tick(self) -> None:
        """Comes about once a second while connected, on a thread that may wait a little."""


class Connection:
    """One device's place on the bus, with its last will."""

    def __init__(self, device: str, link: Link, listener: Listener, backoff: Backoff | None = None) -> None:
        """Raises `PasswordInClear` where the link would send its password for anybody to read."""
        link.broker.check(link.password, in_clear=link.in_clear)
        self._link = link
        self._device = device
        self._listener = listener
        self._backoff = backoff or Backoff()
        topics = {channel: str(Topic(StoreId(link.store), DeviceId(device), channel)) for channel in Channel}
        self._topics = topics
        self._subscribed = {topics[channel]: channel for channel in (Channel.COMMAND, Channel.DESIRED, Channel.ACK)}
        self._client: Client | None = None
        self._up = threading.Event()
        self._lost = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{device}-connection", daemon=True)

    @property
    def up(self) -> bool:
        """Whether the broker has accepted us and the connection has not ended since."""
        return self._up.is_set()

    def start(self) -> None:
        """Starts to connect, and returns at once; the broker may be absent."""
        self._thread.start()

    def stop(self) -> None:
        """Says goodbye and ends."""
        client = self._client
        if client is not None and self.up:
            goodbye = client.publish(self._topics[Channel.STATUS], OFFLINE, 1, retain=True)
            with contextlib.suppress(RuntimeError):  # the broker went at the same moment: the will says it
                goodbye.wait_for_publish(1.0)
        self._stopping.set()
        self._lost.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def publish(self, channel: Channel, payload: bytes, correlation: bytes | None = None) -> bool:
        """Hands a message over with the contract's QoS and retained flag. False where there is no connection now."""
        client = self._client
        if client is None or not self.up:
            return False
        properties = None
        if correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = correlation
        client.publish(self._topics[channel], payload, qos(channel), channel in RETAINED, properties)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            if self._session():
                self._backoff.connection_lasted(time.monotonic() - began)
            if not self._stopping.wait(wait := self._backoff.wait()):
                log.debug("%s: connecting again after %.1f s", self._device, wait)

    def _session(self) -> bool:
        """One connection from beginning to end. False where none came about."""
        self._lost.clear()
        if self._stopping.is_set():
            return False
        # A new client each time: nothing queued for the old connection may overtake what is true now.
        try:
            client = self._client = self._new_client()
            client.connect(self._link.host, self._link.port, KEEPALIVE_S, clean_start=True)
        except OSError as error:
            log.info("%s: no broker at %s:%d: %s", self._device, self._link.host, self._link.port, error)
            return False
        client.loop_start()
        try:
            return self._serve(client)
        finally:
            self._up.clear()
            client.disable_logger()  # paho calls the end that follows an error
            client.disconnect()
            client.loop_stop()

    def _serve(self, client: Client) -> bool:
        deadline = time.monotonic() + CONNECT_TIMEOUT_S
        while not self._up.is_set() and not self._lost.is_set() and time.monotonic() < deadline:
            self._up.wait(0.02)
        connected = self._up.is_set()
        while not self._lost.wait(TICK_S) and self._up.is_set() and client.is_connected():
            self._listener.on_tick()
        return connected

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._link.username,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.enable_logger(log)
        # paho would otherwise end its thread over a fault in a callback, and the device would be deaf.
        client.suppress_exceptions = True
        if self._link.password is not None:
            client.username_pw_set(self._link.username, self._link.password)
        if (context := self._link.broker.context) is not None:
            client.tls_set_context(context)
        client.will_set(self._topics[Channel.STATUS], OFFLINE, 1, retain=True)
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = _ack_quickly
        return client

    def _on_connect(
        self, client: Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            log.warning("%s: the broker refuses the connection: %s", self._device, reason)
            self._lost.set()
            return
        # Retained commands are not even asked for; where one comes live it keeps its flag, so that it can be refused.
        never = SubscribeOptions(qos=0, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        client.subscribe(
            [
                (self._topics[Channel.COMMAND], never),
                (self._topics[Channel.ACK], SubscribeOptions(qos=1)),
                (self._topics[Channel.DESIRED], SubscribeOptions(qos=1)),
            ]
        )
        self._up.set()
        log.info("%s: connected to %s:%d", self._device, self._link.host, self._link.port)
        self._listener.on_connected()

    def _on_disconnect(self, client: Client, _data: object, _flags: object, reason: ReasonCode, _props: object) -> None:
        if client is self._client:
            self._up.clear()
            self._lost.set()
            if not self._stopping.is_set():
                log.info("%s: connection lost: %s", self._device, reason)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        arrived = time.monotonic()
        channel = self._subscribed.get(message.topic)
        if channel is None:
            return
        properties = message.properties
        self._listener.on_message(
            Received(
                channel=channel,
                payload=bytes(message.payload),
                retained=message.retain,
                expiry_s=getattr(properties, "MessageExpiryInterval", None),
                correlation=getattr(properties, "CorrelationData", None),
                arrived=arrived,
            )
        )


def _no_delay(_client: Client, _data: object, sock: Any) -> None:
    """Without this a QoS 1 round trip costs 44 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _ack_quickly(client: Client, _data: object, _mid: int, _reason: object, _properties: object) -> None:
    """Called when a PUBACK came. A broker that sets no TCP_NODELAY (rumqttd) would hold the next command back until
    our kernel acknowledges that PUBACK, 40 ms later; this makes it do so now. Linux has the option, others do without.
    """
    sock: Any = client.socket()
    if sock is not None and hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
