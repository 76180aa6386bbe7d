"""What devices say becomes facts: presence, what they observe, what they report. Heartbeats stay in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import msgspec
import structlog

from device_drivers.contract import Channel, Event, Rejected, State, Status
from device_drivers.contract.salvage import rejected
from edge.bus import Received
from edge.domain.devices import decisions as devices
from edge.domain.devices import queries as device_queries
from edge.domain.devices.facts import DeviceEventRejected, DeviceReported, What
from edge.domain.noun import ANY_KIND, Noun, OnState
from edge.errors import JournalError, Refusal
from edge.gateway.device_mistakes import Mistakes
from edge.gateway.device_queues import DeviceQueues
from edge.gateway.live import SHORTEST_WAIT_S, FlapTimers, Live, Part
from edge.gateway.quotas import Quotas
from edge.gateway.scans import LATE_S, Scans, waited_s
from edge.journal import Reads, Tx
from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

GRACE_S: Final = 6.0
"""How long after the broker is back a device that believed itself online may take to say so."""

SILENT_S: Final = 75.0
"""How long after the broker is back a device may be silent for which the broker alone vouches. It is asked, and answers
where it is there; it has come back after 60 seconds; or it died while the broker was away."""

GAP_S: Final = 20.0
"""How long a device is asked for events that it seems to have skipped, before they are counted as missed."""


STOP_S: Final = 2.0
"""How long what devices said last may take to be written when the gateway stops."""

FAILS: Final = 3
"""How often an event may come whose decision fails, before it is taken as a broken one is."""

FACTS_OF_A_SCAN: Final = 2
"""That it was reported, and what it was; counted whether or not it had come before."""


class _LeftWithDevice(Refusal):
    """The disk is nearly full, and the event can wait: its device keeps it, and what it gives up is counted as missed
    by the next event that is taken.
    """


class Ingest:
    """Takes the bus's messages, in order for each device, and commits what is new."""

    def __init__(
        self,
        journal: Journal,
        nouns: Sequence[Noun],
        ack: Callable[[str, str, int], None],
        changed: Callable[[str], None],
        scans: Scans,
        quotas: Quotas,
        mistakes: Mistakes,
    ) -> None:
        self._journal = journal
        self._on_state = {kind: on_state for noun in nouns for kind, on_state in noun.on_state.items()}
        self._on_charge = {kind: on_charge for noun in nouns for kind, on_charge in noun.on_charge.items()}
        self._on_event = [on_event for noun in nouns for on_event in noun.on_event]
        self._scans = scans
        self._ack = ack
        self._changed = changed
        self._quotas = quotas
        self._mistakes = mistakes
        self._due: dict[tuple[str, Channel], tuple[Received, asyncio.TimerHandle]] = {}
        """The newest message of each kind that has to wait for its device's quota."""
        self.live: dict[str, Live] = {}
        self.foreign = 0
        """Messages of devices that are not ours."""
        self._queues = DeviceQueues()
        self._flaps = FlapTimers(self._settled, self._flapped)
        self._gaps: dict[tuple[str, str], float] = {}
        self._failed: dict[str, tuple[str, int, int]] = {}
        """The event of each device that could not be taken last, and how often."""
        self._sweeping: asyncio.Task[None] | None = None

    def know(self, reads: Reads) -> None:
        """Learn which devices there are. Call it when they changed."""
        self.live = {
            device.id: self.live.get(device.id) or Live(kind=device.kind) for device in device_queries.devices(reads)
        }
        self._mistakes.know(self.live)

    def take(self, message: Received) -> None:
        """One message. Returns at once; what must be durable is written in the background."""
        live = self.live.get(message.device)
        if live is None:
            self.foreign += 1
            return
        live.heard = time.monotonic()
        if not message.retained:
            live.spoke = live.heard
            if live.missed is not None and message.channel is not Channel.STATUS:
                self._take_status(message.device, live, live.missed)
        if message.channel is Channel.EVENT:
            self._take_event(message, live)
        elif message.channel is Channel.APPLIED:
            live.applied = message.body
        elif message.channel is not Channel.REPLY:
            self._take_newest(message, live)

    def _take_event(self, message: Received, live: Live) -> None:
        """An event: beyond its device's quota it is not acknowledged, and comes again."""
        device, event = message.device, message.body
        if isinstance(event, Rejected):
            self._mistakes.broke(device, "rejected")
        if not self._quotas.take_event(device, live.kind, message.size, event.boot, event.seq):
            self._mistakes.exceeded(device, "held")
        elif not self._queues.put(device, lambda: self._write_event(message)):
            self._quotas.hold(device, live.kind, event.boot, event.seq)
            self._mistakes.exceeded(device, "held")

    def _take_newest(self, message: Received, live: Live) -> None:
        """A status or a state: beyond its device's quota the newest counts, a little later."""
        device, channel = message.device, message.channel
        waiting = self._due.get((device, channel)) if self._due else None
        if waiting is not None:
            timer = waiting[1]
        elif (wait := self._quotas.take(device, live.kind, message.size)) <= 0:
            self._take_now(message, live)
            return
        else:
            due = (device, channel)
            timer = asyncio.get_running_loop().call_later(max(wait, SHORTEST_WAIT_S), self._take_due, due)
        self._due[device, channel] = (message, timer)
        self._mistakes.exceeded(device, "coalesced")

    def _take_due(self, key: tuple[str, Channel]) -> None:
        message, _ = self._due.pop(key)
        if (live := self.live.get(message.device)) is not None:
            self._take_newest(message, live)

    def _take_now(self, message: Received, live: Live) -> None:
        if message.channel is Channel.STATE:
            self._mistakes.stated(message.device, message.wrong)
            live.stated = None if message.retained else time.monotonic()
            self._take_state(message.device, live, message.body)
        elif message.channel is Channel.STATUS:
            self._take_status(message.device, live, message.body)

    def broker_changed(self, connected: bool) -> None:
        """It is there, or it has gone; what was waited for counts from a connection that is no more."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._sweeping = asyncio.get_running_loop().create_task(self.sweep(time.monotonic())) if connected else None

    async def sweep(self, since: float) -> None:
        """After the broker came back: who has not been heard since then is offline, and a little later who has not
        spoken, though its status lies there.
        """
        await asyncio.sleep(GRACE_S)
        for device, live in self.live.items():
            if live.heard < since:
                self._take_status(device, live, Status(online=False))
        await asyncio.sleep(SILENT_S - GRACE_S)
        for device, live in self.live.items():
            if live.online and live.spoke < since:
                said = live.said
                self._take_status(device, live, Status(online=False))
                live.missed = said

    async def stop(self) -> None:
        """Finish what is under way."""
        self.broker_changed(False)
        for _, timer in self._due.values():
            timer.cancel()
        self._flaps.stop()
        await self._queues.finish(STOP_S)
        await self._scans.stop()

    def _take_status(self, device: str, live: Live, status: Status) -> None:
        if status.online:
            self._mistakes.is_there(device, status.kind, live.kind)
        if status.online and not live.online:
            live.observed.starts()
        live.said, live.missed = status, None
        live.online, live.verbs = status.online, frozenset(status.capabilities)
        said = (True, status.boot or "", status.firmware or "") if status.online else (False, "", "")
        if live.presence.say({"": said}):
            self._queues.put(device, lambda: self._write_presence(device, *said), "presence")
        else:
            self._changed(device)
        self._flaps.set(device, live)

    def _take_state(self, device: str, live: Live, state: State) -> None:
        before, live.state = live.state, state
        if before is not None and before.boot != state.boot:
            live.observed.starts()
        told = live.observed.say(_parts(self._on_state_of(live.kind), state))
        # A device that started anew says again what it sees: that is newer than what was done meanwhile.
        anew = (before is None or before.boot != state.boot) and not live.observed.held
        if told or anew:
            self._queues.put(device, lambda: self._write_state(device, live), "state")
        elif before is None or (before.battery, before.doors) != (state.battery, state.doors) or live.observed.held:
            self._changed(device)
        if (before is None or before.battery != state.battery) and live.believes(state.battery):
            self._put_charge(device, live, state)
        self._flaps.set(device, live)

    def _put_charge(self, device: str, live: Live, state: State) -> None:
        on_charge = self._on_charge.get(live.kind)
        if on_charge is not None:
            self._queues.put(device, lambda: self._write(device, on_charge, device, state.battery), "charge")

    def _settled(self, device: str, live: Live, what: Part) -> None:
        if what == "charge":
            if live.state is not None:
                self._put_charge(device, live, live.state)
        elif what == "presence":
            said = live.presence.told[""]
            self._queues.put(device, lambda: self._write_presence(device, *said), "presence")
        else:
            self._queues.put(device, lambda: self._write_state(device, live), "state")

    def _flapped(self, device: str, part: Part, more: int, lasted_s: float) -> None:
        what: What = "presence" if part == "presence" else "state"
        self._mistakes.flapped(device, what, more)
        note = partial(devices.note_flapping, device=device, what=what, more=more, ago_ms=round(lasted_s * 1000))
        self._queues.put(device, lambda: self._write(device, note))

    async def _write_presence(self, device: str, online: bool, boot: str, firmware: str) -> None:
        await self._write(device, devices.on_presence, device=device, online=online, boot=boot, firmware=firmware)
        self._changed(device)

    async def _write_state(self, device: str, live: Live) -> None:
        told = live.observed.told  # the newest, not what woke us: what came between is past
        await self._write(device, self._on_state_of(live.kind).decide, device, dict(told))
        self._changed(device)

    async def _write_event(self, message: Received) -> None:
        device, event = message.device, message.body
        key = (device, event.boot)
        # What lies in a gap may only have been lost on the way: the device keeps it, and is asked for it again.
        patient = not self._journal.scarce and time.monotonic() - self._gaps.get(key, time.monotonic()) < GAP_S
        taken = await self._taken_or_rejected(device, event, message.payload, patient=patient)
        if taken < event.seq and not self._journal.scarce:
            self._gaps.setdefault(key, time.monotonic())
        else:
            self._gaps.pop(key, None)
        self._ack(device, event.boot, taken)

    async def _taken_or_rejected(self, device: str, event: Event | Rejected, payload: bytes, *, patient: bool) -> int:
        """One with which the store can do nothing, however often it comes, is as good as one that is broken."""
        try:
            return await self._decide(device, event, patient=patient)
        except (JournalError, Refusal):
            raise  # of the disk, not of this event
        except Exception:
            boot, seq, times = self._failed.get(device, ("", 0, 0))
            times = times + 1 if (boot, seq) == (event.boot, event.seq) else 1
            self._failed[device] = (event.boot, event.seq, times)
            if times < FAILS or isinstance(event, Rejected):
                raise
            log.exception("event.rejected", device=device, boot=event.boot, seq=event.seq)
        return await self._decide(device, rejected(payload), patient=patient)

    async def _decide(self, device: str, event: Event | Rejected, *, patient: bool) -> int:
        if isinstance(event, Rejected):
            broken = DeviceEventRejected(
                device=device, boot=event.boot, seq=event.seq, length=event.length, sha256=event.sha256
            )
            return await self._write(device, devices.on_report, broken, patient=patient)
        if event.type == "scanned":
            live = self.live.get(device)
            late = (
                live is not None
                and waited_s(event, live.state, live.stated and time.monotonic() - live.stated) > LATE_S
            )
            taken = await self._scans.take(device, event, patient=patient, late=late)
            self._quotas.wrote(device, FACTS_OF_A_SCAN)
            return taken
        fact = DeviceReported(
            device=device, boot=event.boot, seq=event.seq, at=event.at, event=event.type, data=event.data
        )
        try:
            return await self._write(device, self._report, fact, patient=patient)
        except _LeftWithDevice:
            return 0

    def _report(self, tx: Tx, fact: DeviceReported, *, patient: bool) -> int:
        """Take an event once, with what it means; returns what may be acknowledged."""
        taken = devices.on_report(tx, fact, patient=patient)
        if tx.emitted:
            for on_event in self._on_event:
                on_event(tx, fact.device, fact.event, fact.data)
        if self._journal.scarce and len(tx.emitted) == 1:  # it is only told, and nothing comes of it
            raise _LeftWithDevice("disk_full")
        return taken

    def _on_state_of(self, kind: str) -> OnState:
        return self._on_state.get(kind) or self._on_state[ANY_KIND]

    async def _write(
        self, device: str, decision: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Decide, and count against the device how many facts came of it."""
        facts = 0

        def counted(tx: Tx) -> T:
            nonlocal facts
            found = decision(tx, *args, **kwargs)
            facts = len(tx.emitted)
            return found

        found = await self._journal.write(counted)
        if facts:
            self._quotas.wrote(device, facts)
        return found


def _parts(of: OnState, state: State) -> dict[str, Any]:
    """What a device observes, in the parts that change one by one."""
    seen = _observed(state)
    if not of.parts:
        return {"": seen}
    parts: dict[str, Any] = seen.get(of.parts) or {}
    for name in of.unseen:
        for part in parts.values():
            part.pop(name, None)
    return parts


def _observed(state: State) -> dict[str, Any]:
    """What a state says of the world: not when it was said, by which boot, or how the battery drains."""
    seen: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(state, boot="", at="", battery=None, up_ms=None))
    return seen
