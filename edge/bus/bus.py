"""What the gateway says to devices and hears from them, by the contract."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import msgspec
import structlog
from paho.mqtt.subscribeoptions import SubscribeOptions

from device_drivers.contract import (
    FROM_DEVICE,
    RETAINED,
    Ack,
    Channel,
    Command,
    ContractError,
    DeviceId,
    Identify,
    Instruction,
    Outcome,
    Reply,
    Status,
    StoreId,
    Topic,
    Verb,
    decode,
    encode,
    qos,
    rfc3339,
    salvage,
)
from device_drivers.uptime import boot_ms
from edge.bus.connection import BrokerLogin, Connection
from edge.bus.uptimes import Uptimes
from edge.errors import BusDown, StorekeeperError

log = structlog.get_logger(__name__)

FIRST_REPEAT_S: Final = 0.25
"""When a command without a reply is sent again, under the same id; the pause doubles each time."""

MAX_TOPICS: Final = 100_000
"""How many parsed topics are remembered."""

_STATUS, _EVENT, _REPLY, _REFUSED = Channel.STATUS, Channel.EVENT, Channel.REPLY, Outcome.REFUSED
"""A member of an enumeration is looked for in two classes each time, ten times as long as a name."""


class NoReply(StorekeeperError):
    """The command's time is over and the device has not answered."""


class Received(msgspec.Struct, frozen=True):
    """A well-formed message of a device."""

    device: DeviceId
    channel: Channel
    body: Any
    """The struct of the channel (`contract.BODIES`), or `Rejected` for an event that only says which one it is."""
    retained: bool
    size: int = 0
    """Bytes of the message."""
    wrong: tuple[str, ...] = ()
    """Fields that break the contract and are left out of the body."""
    payload: bytes = b""
    """An event as it came."""


def _properties(expiry_s: int, response_topic: bytes, correlation: bytes) -> bytes:
    """The MQTT properties of a command, packed: paho would build them in about 100 µs."""
    body = (
        b"\x02" + expiry_s.to_bytes(4, "big") + b"\x08" + len(response_topic).to_bytes(2, "big") + response_topic
        + b"\x09" + len(correlation).to_bytes(2, "big") + correlation
    )  # fmt: skip
    # At most 127 bytes, so that the length is one byte: 5 + 3 + 2 * 39 + 11 + 3 + 16 = 116.
    return bytes((len(body),)) + body


def _correlation(id: str) -> bytes:
    """The 16 bytes of a UUID in its canonical form."""
    return bytes.fromhex(id.replace("-", ""))


Answer = Reply | BusDown | NoReply
"""How a command ends: the device's word, or why there is none."""


class _Call(msgspec.Struct, kw_only=True):
    """A command on its way."""

    key: tuple[str, str]
    """Device and command id."""
    topic: str
    response: bytes
    correlation: bytes
    command: Command
    deadline: float
    on_end: Callable[[Answer], None]
    on_sent: Callable[[], None] | None
    sent: bool = False
    timer: asyncio.TimerHandle | None = None


class Complaints(Protocol):
    """Hears what devices do wrong."""

    def broke(self, device: str, why: str) -> None:
        """A message that is not taken."""

    def refused(self, device: str, verb: str, reason: str) -> None:
        """A command that the device does not carry out."""


class Bus:
    """The store's devices, reached over one connection. Start it inside the event loop."""

    def __init__(
        self,
        login: BrokerLogin,
        store: StoreId,
        on_message: Callable[[Received], None],
        on_change: Callable[[bool], None],
        on_stray: Callable[[DeviceId, Reply], None],
        mistakes: Complaints,
        fence_floor: int,
        now_ms: Callable[[], int],
    ) -> None:
        """`fence_floor` is below every fence of the journal's generation, and above all of the generations before;
        `now_ms` is the latest time that the store has had.
        """
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._on_message = on_message
        self._on_stray = on_stray
        self._mistakes = mistakes
        self._calls: dict[tuple[str, str], _Call] = {}
        self._topics: dict[str, Topic] = {}
        self._uptimes = Uptimes()
        self._fence_floor = self._fence = fence_floor
        self._now_ms = now_ms
        self._fenced: set[tuple[str, str]] = set()
        """Devices, and which boot of theirs, that have been told the generation's floor."""
        self._asked: dict[str, str] = {}
        """By device, the command that asked whether it is there."""
        self._complained: dict[str, float] = {}
        self.dropped: Counter[str] = Counter()
        """Messages not taken, by why: malformed, retained (an attack), foreign."""
        subscriptions = [
            # What may not be retained keeps the flag with which it was sent, so that it can be told.
            (f"sk/{store}/+/{channel}", SubscribeOptions(qos(channel), retainAsPublished=channel not in RETAINED))
            for channel in sorted(FROM_DEVICE)
        ]
        self._connection = Connection(login, subscriptions, self._take, on_change)

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._connection.connected

    def start(self) -> None:
        """Connect, and stay connected, in the background."""
        self._connection.start()

    def announce(self, topic: str, body: bytes) -> bool:
        """State something outside of the contract, retained; an empty body takes it back. False while disconnected."""
        return self._connection.publish(topic, body, 1, retain=True)

    def hold(self, held: bool) -> None:
        """Stay away from the broker for as long as this holds."""
        self._connection.hold(held)

    async def stop(self) -> None:
        """Leave the broker; who waits for a reply gets `BusDown`."""
        await self._connection.stop()
        for call in list(self._calls.values()):
            self._end(call, BusDown("the gateway is stopping"))

    def send(
        self,
        device: str,
        instruction: Instruction,
        *,
        id: str,
        fence: int,
        ttl_ms: int,
        on_end: Callable[[Answer], None],
        on_sent: Callable[[], None] | None = None,
    ) -> None:
        """Tell a device to do something; `on_end` hears how that ended, once.

        Sent again under the same id until the reply or the ttl. Then it is `BusDown` when there was no broker to send
        it to in all that time, `NoReply` when it was sent and not answered.
        """
        call = _Call(
            key=(device, id),
            topic=f"sk/{self._store}/{device}/command",
            response=f"sk/{self._store}/{device}/reply".encode(),
            correlation=_correlation(id),
            command=self._command(device, id, instruction, fence, ttl_ms),
            deadline=self._loop.time() + ttl_ms / 1000,
            on_end=on_end,
            on_sent=on_sent,
        )
        self._calls[call.key] = call
        self._send(call, FIRST_REPEAT_S)

    def _command(self, device: str, name: str, instruction: Instruction, fence: int, ttl_ms: int) -> Command:
        """With the bound of the device's own clock, where it is known: made once, so that every repeat carries it."""
        boot, not_after = self._uptimes.bound(device, ttl_ms, boot_ms()) or (None, None)
        return Command(name, instruction.verb, instruction, fence, ttl_ms, rfc3339(datetime.now(UTC)), boot, not_after)

    def fence(self) -> int:
        """A fence for what is asked for beside the journal, such as a scene or a picture. By the store's time: a device
        that heard one of a clock that ran ahead would take nothing until that day, nor after the store's was set back.
        """
        self._fence = max(self._fence, self._fence_floor + self._now_ms() // 1000)
        return self._fence

    async def call(self, device: str, instruction: Instruction, *, id: str, fence: int, ttl_ms: int) -> Reply:
        """The same, and wait for the answer. Raises `BusDown`, `NoReply`."""
        end: asyncio.Future[Answer] = self._loop.create_future()

        def ended(answer: Answer) -> None:
            if not end.done():
                end.set_result(answer)

        self.send(device, instruction, id=id, fence=fence, ttl_ms=ttl_ms, on_end=ended)
        answer = await end
        if isinstance(answer, Reply):
            return answer
        raise answer

    def _end(self, call: _Call, answer: Answer) -> None:
        del self._calls[call.key]
        if call.timer:
            call.timer.cancel()
        call.on_end(answer)

    def _send(self, call: _Call, pause: float) -> None:
        """Send a command, now and again, until its reply is there or its time is over."""
        left = call.deadline - self._loop.time()
        if left <= 0:
            self._end(call, NoReply("no reply") if call.sent else BusDown("the broker is away"))
            return
        # The expiry counts whole seconds, so the ttl in the body says exactly what is left. A device that missed what
        # was sent before would otherwise give a repeated command up to a second more than it has.
        left_ms = math.ceil(left * 1000)
        command = call.command
        if left_ms < command.ttl_ms:
            command = msgspec.structs.replace(command, ttl_ms=left_ms)
        properties = _properties(int(left) + 1, call.response, call.correlation)
        if self._connection.send(call.topic, encode(command), properties) and not call.sent:
            call.sent = True
            if call.on_sent:
                call.on_sent()
        call.timer = self._loop.call_later(min(pause, left), self._send, call, pause * 2)

    def _ask(self, device: str) -> None:
        """Have a device for which the broker alone speaks say that it is there, and its clock now, not with its next
        state: by a command that is over before it comes, under the generation's lowest fence. Whatever it answers,
        nothing moves; and whoever else still gives it orders under an earlier generation is heard no more.
        """
        name = self._asked[device] = str(uuid.uuid4())
        command = Command(name, Verb.IDENTIFY, Identify(), self._fence_floor, 0, rfc3339(datetime.now(UTC)))
        response = f"sk/{self._store}/{device}/reply".encode()
        self._connection.send(
            f"sk/{self._store}/{device}/command", encode(command), _properties(1, response, _correlation(name))
        )

    def ack(self, device: str, boot: str, seq: int) -> None:
        """Tell a device that its events up to `seq` are committed."""
        self._connection.publish(f"sk/{self._store}/{device}/ack", encode(Ack(boot, seq)), qos(Channel.ACK))

    def desire(self, device: str, body: bytes) -> bool:
        """Publish what a device should show or be, retained: an encoded `Desired`."""
        return self._connection.publish(f"sk/{self._store}/{device}/desired", body, qos(Channel.DESIRED), retain=True)

    def _take(self, text: str, payload: bytes, retained: bool) -> None:
        topic = self._topics.get(text)
        try:
            if topic is None:
                topic = Topic.parse(text)
                if len(self._topics) < MAX_TOPICS:
                    self._topics[text] = topic
            if not payload and topic.channel in RETAINED:
                return  # somebody takes a retained message away
            if retained and topic.channel in (Channel.EVENT, Channel.REPLY, Channel.COMMAND):
                self._drop("retained", topic.device, f"a retained message on {topic.channel} is ignored")
                return
            body = decode(topic.channel, payload)
        except ContractError as error:
            self._broken(topic, payload, retained, error)
            return
        whole = payload if topic.channel is _EVENT else b""
        self._well(Received(topic.device, topic.channel, body, retained, len(payload), payload=whole))

    def _broken(self, topic: Topic | None, payload: bytes, retained: bool, error: ContractError) -> None:
        """Take what is good of a message that breaks the contract, or drop it."""
        found = None
        if topic is not None:
            with suppress(ContractError):
                found = salvage.of(topic.channel, payload)
        if topic is None or found is None:
            self._drop("malformed", topic.device if topic else "unknown", str(error))
            return
        self._complain("wrong", topic.device, str(error))
        self._well(Received(topic.device, topic.channel, found.body, retained, len(payload), found.wrong))

    def _well(self, message: Received) -> None:
        device, channel, body = message.device, message.channel, message.body
        if channel is _STATUS:
            self._uptimes.status(device, body)
            if (message.retained and body.online) or self._unfenced(device, body):
                self._ask(device)
        if not message.retained and (up_ms := getattr(body, "up_ms", None)) is not None:
            self._uptimes.read(device, up_ms, boot_ms(), getattr(body, "boot", None))
        asked = channel is _REPLY and self._asked.get(device) == body.id
        if channel is not _REPLY or asked:
            self._on_message(message)
            return
        call = self._calls.get((device, body.id))
        if call is None:
            self._on_stray(device, body)
        else:
            if body.outcome is _REFUSED:
                self._mistakes.refused(device, call.command.verb, body.reason or "none")
            self._end(call, body)

    def _unfenced(self, device: str, status: Status) -> bool:
        """Whether it may still obey a box that this store's journal has left behind."""
        met = (device, status.boot or "")
        if not self._fence_floor or not status.online or met in self._fenced:
            return False
        if len(self._fenced) >= MAX_TOPICS:
            self._fenced.clear()
        self._fenced.add(met)
        return True

    def _drop(self, why: str, source: str, sentence: str) -> None:
        """Count it, and say it."""
        self.dropped[why] += 1
        self._mistakes.broke(source, why)
        self._complain(why, source, sentence)

    def _complain(self, why: str, source: str, sentence: str) -> None:
        """At most once a minute for each source."""
        now = time.monotonic()
        if now - self._complained.get(source, -60.0) >= 60:
            self._complained[source] = now
            log.warning("message.broken", why=why, source=source, error=sentence)
