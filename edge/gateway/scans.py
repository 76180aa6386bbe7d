"""What scanners and cameras read: meaning, decision, and the screen beside them. In this order, for one code at a time.

The text of a code never leaves this file for the journal: what was scanned may be a payment code, a WiFi password, or
somebody's number. The fact says which kind of thing it was.
"""

from __future__ import annotations

import asyncio
import hmac
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec
import structlog

from device_drivers.contract import Event, Scanned, Show, State, TimedScene
from edge.bus import Bus, NoReply
from edge.domain.codes import decisions as code_reads
from edge.domain.codes.code_reader import CodeReader
from edge.domain.codes.readings import Reading, Scan, ScanResult
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceReported
from edge.domain.members.passes import Pass, Passes, code_in_text
from edge.errors import BusDown, Refusal
from edge.gateway.screen_baskets import ScreenBaskets
from edge.journal import Tx
from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

LATE_S: Final = 30.0
"""What a scanner kept for longer, because nobody was there to take it, is noted and no more: whoever held a code there
has gone on, and no door is opened and nothing put into a basket for who comes after.
"""
RECENT_S: Final = 60.0
SHOW_TTL_MS: Final = 2000
"""A scene that comes later than this would surprise whoever stands there by then."""

Collect = Callable[[Tx, DeviceReported], str]
"""A decision that opens the door of a collect code at the bank's own scanner. It gets the event as it was sent, with
the code's text, notes what it refuses as a fact and returns it, and writes the text nowhere.
"""


class Scenes(Protocol):
    """Makes what a screen shows of a reading; `edge.gateway.scenes` does."""

    def of(self, came: ScanResult, now_ms: int, at: str | None = None) -> TimedScene:
        """The scene: a product, or a notice."""


class Scans:
    """Takes the events `scanned`."""

    def __init__(
        self,
        journal: Journal,
        bus: Bus,
        code_reader: CodeReader,
        passes: Passes,
        *,
        key: bytes,
        screens: Callable[[], Mapping[str, str]],
        scenes: Scenes,
        collect: Collect | None = None,
        baskets: ScreenBaskets | None = None,
    ) -> None:
        self._journal = journal
        self._bus = bus
        self._code_reader = code_reader
        self._passes = passes
        self._key = key
        self._screens = screens
        self._scenes = scenes
        self._collect = collect
        self._baskets = baskets
        self._showing: dict[str, asyncio.Task[None]] = {}

    async def take(self, device: str, event: Event, *, patient: bool, late: bool = False) -> int:
        """One event, once: meaning, decision, screen; of a `late` one the fact. Returns what may be acknowledged."""
        scan = scan_of(device, msgspec.convert(event.data, Scanned))
        now_ms = time.time_ns() // 1_000_000
        readings = self._code_reader.read(scan, now_ms)
        taken, came = await self._journal.write(
            self._decide,
            event=DeviceReported(
                device=device,
                boot=event.boot,
                seq=event.seq,
                at=event.at,
                event=event.type,
                data=event.data,
            ),
            patient=patient,
            scan=scan,
            readings=readings,
            shown=None if late else self._pass_in(scan),
            late=late,
        )
        if came is not None and not late and (screen := self._screens().get(device)):
            own = f"{device} {event.boot} {event.seq}"
            filled = await self._filled(screen, came, readings, own)
            self._show(screen, filled or self._scenes.of(came, self._journal.reads.now, screen))
        return taken

    async def _filled(self, screen: str, came: ScanResult, readings: list[Reading], event: str) -> TimedScene | None:
        """What is said of a scan that concerns a basket; none of every other."""
        if self._baskets is None:
            return None
        return await self._baskets.take(screen, came, readings, event)

    async def stop(self) -> None:
        """Let go of the screens."""
        for task in self._showing.values():
            task.cancel()
        await asyncio.gather(*self._showing.values(), return_exceptions=True)

    def _decide(
        self,
        tx: Tx,
        *,
        event: DeviceReported,
        patient: bool,
        scan: Scan,
        readings: list[Reading],
        shown: Pass | None,
        late: bool,
    ) -> tuple[int, ScanResult | None]:
        known = {"symbology": scan.symbology, "length": len(scan.text)}
        taken = devices.on_report(tx, msgspec.structs.replace(event, data=known), patient=patient)
        if not tx.emitted:
            return taken, None  # told before, or too early
        came = code_reads.read(
            tx,
            device=event.device,
            readings=readings,
            shown=shown,
            symbology=scan.symbology,
            length=len(scan.text),
            digest=hmac.digest(self._key, scan.text.encode("utf-8", "replace"), "sha256").hex()[:16],
        )
        refused = self._collect(tx, event) if self._collect is not None and not late else ""
        return taken, msgspec.structs.replace(came, refused=refused) if refused else came

    def _pass_in(self, scan: Scan) -> Pass | None:
        try:
            return self._passes.read(code_in_text(scan.text), self._journal.reads.now)
        except Refusal:
            return None  # the reading says why

    def _show(self, screen: str, scene: TimedScene) -> None:
        if (before := self._showing.get(screen)) is not None:
            before.cancel()  # what is on its way still is older
        self._showing[screen] = asyncio.get_running_loop().create_task(self._ask(screen, Show(scene)))

    async def _ask(self, screen: str, show: Show) -> None:
        try:
            await self._bus.call(screen, show, id=str(uuid.uuid4()), fence=self._bus.fence(), ttl_ms=SHOW_TTL_MS)
        except (BusDown, NoReply) as error:
            log.info("scan.not_shown", screen=screen, why=type(error).__name__)


def waited_s(event: Event, state: State | None, since_s: float | None = None) -> float:
    """How long an event had lain with its device when it was sent, by that device's own clocks; 0 where they do not
    tell. Its state says what its wall showed at some moment of its uptime, or `since_s` seconds ago: of a device that
    says no uptime that counts only for a minute, as its wall may be set or go wrong.
    """
    if state is None:
        return 0.0
    try:
        ahead = (datetime.fromisoformat(state.at) - datetime.fromisoformat(event.at)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    if state.up_ms is not None and event.up_ms is not None:
        return ahead + ((event.up_ms - state.up_ms) / 1000 if event.boot == state.boot else 0)
    known = state.up_ms is event.up_ms is None and since_s is not None and since_s <= RECENT_S
    return ahead + (since_s or 0) if known else 0.0


def scan_of(device: str, scanned: Scanned) -> Scan:
    """The code of an event."""
    return Scan(
        text=scanned.text or "",
        symbology=scanned.symbology[:32] if scanned.symbology else None,
        raw=bytes.fromhex(scanned.bytes) if scanned.bytes else None,
        device=device,
    )
