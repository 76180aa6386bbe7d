"""Beacons on carts, heard by ESP32 receivers that already publish on MQTT: ESPresense and OpenMQTTGateway."""

from __future__ import annotations

import logging
import math
import re
import threading
import time
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.beacons.zones import TagMoved, ZoneRules, Zones
from device_drivers.broker import BrokerAddress
from device_drivers.contract import DesiredBody, Instruction, ZoneChanged
from device_drivers.driver import NOT_MINE, Result, State

if TYPE_CHECKING:
    from pathlib import Path

    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

    from device_drivers.driver import Report

log = logging.getLogger(__name__)

_IBEACON: Final = re.compile(r"([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d+)-(\d+)")
LOOK_S: Final = 1.0
"""How often tags are looked for that nobody hears any more, in seconds."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which receivers hang where, and which tag is on which cart."""

    receivers: dict[str, str]
    """Zone by receiver: an ESPresense room or the name of an OpenMQTTGateway."""
    tags: dict[str, str]
    """Cart by tag. An iBeacon is `<uuid>-<major>-<minor>`, which stays the same; anything else its address, which on
    many tags changes every quarter of an hour.
    """
    host: str = "127.0.0.1"
    """The broker that the receivers publish on; it may be the store's own."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 1883
    """Its port; change it when the broker listens elsewhere."""
    username: str | None = None
    """The name to log in with there; left out where the broker asks for none."""
    password: str | None = None
    """And the password."""
    tls: bool = False
    """The broker wants TLS, usually on port 8883."""
    ca: str | None = None
    """File of the one authority that the broker's certificate must come of, such as the store's `ca.crt`; left out, any
    that this machine trusts."""
    password_in_clear: bool = False
    """The password may reach a broker on another box unencrypted."""
    topics: tuple[str, ...] = ("espresense/devices/+/+", "home/+/BTtoMQTT/+")
    """What is listened to. ESPresense: `…/<tag>/<room>`; OpenMQTTGateway: `<base>/<gateway>/BTtoMQTT/<address>`."""
    margin_db: Annotated[float, msgspec.Meta(ge=0, le=40)] = 5.0
    """Another zone has to be so much louder than the present one, in dB."""
    wins: Annotated[int, msgspec.Meta(ge=1, le=20)] = 2
    """So many times in a row."""
    lost_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 30.0
    """A tag that nobody heard for so many seconds is in no zone."""


class _Heard(msgspec.Struct):
    """What both kinds of receivers write, as far as it matters here."""

    rssi: float
    id: str = ""
    uuid: str | None = None
    major: int | str | None = None
    minor: int | str | None = None


class Driver:
    """The listener. Event: `zone_changed` with `cart`, `zone` and `was` (null for none) and `rssi` in dBm."""

    kind = "beacon"
    capabilities = ()

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        """Raises `PasswordInClear` where the password would cross the network for anybody to read."""
        self._broker = BrokerAddress(settings.host, settings.port, settings.tls, settings.ca)
        self._broker.check(settings.password, in_clear=settings.password_in_clear)
        self._settings = settings
        self._tags = {_name(tag): cart for tag, cart in settings.tags.items()}
        self._zones = Zones(ZoneRules(settings.margin_db, settings.wins, lost_s=settings.lost_s))
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._there = False
        self._client: Client | None = None
        self._thread: threading.Thread | None = None

    def start(self, report: Report) -> None:
        """Begins to listen; the broker may come later."""
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self._report = report
        client = self._client = Client(CallbackAPIVersion.VERSION2)
        client.enable_logger(log)
        if self._settings.username:
            client.username_pw_set(self._settings.username, self._settings.password)
        if (context := self._broker.context) is not None:
            client.tls_set_context(context)
        client.suppress_exceptions = True
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = lambda *_: self._is_there(there=False)
        client.on_message = self._message
        client.connect_async(self._settings.host, self._settings.port, 15)
        client.loop_start()
        self._thread = threading.Thread(target=self._watch, name="beacons", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends listening."""
        self._ended.set()
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
        if self._thread is not None:
            self._thread.join(1)

    def state(self) -> State:
        """Whether it can hear receivers."""
        return State(online=self._there)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        """A beacon does nothing that it is told."""
        return NOT_MINE

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A beacon shows nothing."""
        raise ValueError("a beacon has nothing to show or to set")

    def _connected(self, client: Client, *_: object) -> None:
        client.subscribe([(topic, 0) for topic in self._settings.topics])

    def _subscribed(self, _client: Client, _data: object, _mid: int, said: list[ReasonCode], _: object) -> None:
        refused = [topic for topic, code in zip(self._settings.topics, said, strict=False) if code.is_failure]
        if refused:
            log.warning("the broker does not let it listen to %s", ", ".join(refused))
        self._is_there(there=len(refused) < len(said))

    def _is_there(self, *, there: bool) -> None:
        self._there = there
        self._report.state(self.state())

    def _message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if message.retain:
            return  # what was heard long ago says nothing of where the cart is
        found = parse(message.topic, bytes(message.payload))
        if found is None:
            return
        tag, receiver, rssi = found
        cart, zone = self._tags.get(tag), self._settings.receivers.get(receiver)
        if cart is None or zone is None:
            return  # a passer-by's phone, or a receiver of somebody else
        with self._lock:
            change = self._zones.hear(cart, zone, rssi, time.monotonic())
        if change:
            self._tell(change)

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            with self._lock:
                lost = self._zones.quiet(time.monotonic())
            for change in lost:
                self._tell(change)

    def _tell(self, change: TagMoved) -> None:
        self._report.event(ZoneChanged(cart=change.tag, zone=change.zone, was=change.was, rssi=change.rssi))


def parse(topic: str, payload: bytes) -> tuple[str, str, float] | None:
    """Tag, receiver and strength in dBm; None for what is none of a receiver's readings."""
    levels = topic.split("/")
    if len(levels) < 3:
        return None
    try:
        heard = msgspec.json.decode(payload, type=_Heard)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    gateway = levels[-2] == "BTtoMQTT"
    receiver = levels[-3] if gateway else levels[-1]
    tag = heard.id or (levels[-1] if gateway else levels[-2])
    if heard.uuid and heard.major is not None and heard.minor is not None:
        tag = f"{heard.uuid}-{heard.major}-{heard.minor}"
    return _name(tag), receiver, heard.rssi


def _name(tag: str) -> str:
    """One name for a tag: the receivers write capitals, dashes, colons and `iBeacon:` as they please."""
    tag = tag.lower().removeprefix("ibeacon:")
    if found := _IBEACON.fullmatch(tag):
        return f"{found[1].replace('-', '')}-{int(found[2])}-{int(found[3])}"
    return tag.replace(":", "").replace("-", "")
