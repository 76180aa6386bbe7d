"""The store at a glance, as the store page shows it: devices, totals, the queue and the journal's tail in one state."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.domain import serving
from edge.domain.carts import queries as cart_queries
from edge.domain.coupons import queries as coupon_queries
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.members import queries as member_queries
from edge.domain.needs import LOOK
from edge.gateway.phone_verification import SimulatedSms
from edge.web.pages.staff.board import StaffBoard
from edge.web.views import parcels as parcel_views
from edge.web.views.cloud_queue import Queue
from edge.web.views.journal_lines import JournalLine, JournalLines
from words.languages import in_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from edge.gateway.device_views import DeviceView
    from edge.web.web import Web

LINES: Final = 40
"""How many entries of the journal the page shows."""
CALM_SECONDS: Final = 0.2
"""A busy store changes hundreds of times a second; nobody reads faster than five."""
IDLE_SECONDS: Final = 1.0
"""The queue and the cut of the internet are files: they are looked at this often when nothing else happens."""


class PlanDevice(msgspec.Struct, frozen=True):
    """A device as the plan draws it."""

    id: str
    kind: str
    zone: str
    label: str
    online: bool
    mark: str
    """`ok`, `out`, `fault` or `away`."""
    why: str | None
    """Why it cannot serve a shopper now (`edge.domain.serving`); none where it can."""
    state: dict[str, Any]
    battery: float | None
    doors: dict[str, str]
    """A bank's doors by name: `free`, `used`, `open`, `jammed`, `dead`, `overdue` or `out`."""
    seen: int | None
    """Unix time in milliseconds of its last word, to the last full ten seconds: a clock that ticks is no news."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong, as staff read it; numbered by its place in the list."""

    id: str
    device: str
    title: str
    sentence: str
    since: int


class GlanceState(msgspec.Struct, frozen=True):
    """Everything that moves on the store page."""

    journal_ok: bool
    broker_ok: bool
    queue: dict[str, Any]
    internet: bool | None
    """Whether the demo's internet is connected; none outside the demo."""
    members: int
    claimed: int
    wrong: list[Fault]
    """What needs a hand, the most urgent first; what only wants a look is not among it."""
    devices: list[PlanDevice]
    lines: list[JournalLine]
    messages: list[SmsView] = []
    """What a demo would have sent to phones, the newest first."""


class SmsView(msgspec.Struct, frozen=True):
    """A code that a demo did not send."""

    at: int
    to: str
    """The last digits of the number."""
    code: str


class Glance:
    """Reads the store's state; readers in one language that ask within a moment share one reading."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._journal = JournalLines(web)
        self._staff = StaffBoard(web)
        self._kept: dict[str, tuple[float, GlanceState]] = {}

    def state(self, language: str) -> GlanceState:
        """The store now, or a fifth of a second ago."""
        moment, state = self._kept.get(language, (0.0, None))
        if state is None or time.monotonic() - moment >= CALM_SECONDS:
            state = self._read(language)
            self._kept[language] = (time.monotonic(), state)
        return state

    async def follow(self, language: str, still: Callable[[], bool]) -> AsyncIterator[GlanceState]:
        """The state now, and again after each change, at most five times a second, while `still` says so."""
        async with self._web.feed.subscribe() as changes:
            last = None
            while still():
                state = self.state(language)
                if state != last:
                    last = state
                    yield state
                with suppress(TimeoutError):
                    await asyncio.wait_for(changes.get(), IDLE_SECONDS)
                await asyncio.sleep(CALM_SECONDS)
                while not changes.empty():
                    changes.get_nowait()

    def _read(self, language: str) -> GlanceState:
        ready = self._web.ready()
        queue = self._web.queue()
        settings = self._web.settings.gateway
        return GlanceState(
            journal_ok=ready.journal,
            broker_ok=ready.broker,
            queue=_queue(queue),
            internet=not (settings.data / "internet-cut").exists() if settings.demo else None,
            members=member_queries.count(self._web.reads),
            claimed=coupon_queries.claimed_in_all(self._web.reads),
            wrong=self._faults(language),
            devices=self._devices(language),
            lines=self._journal.newest(language, LINES),
            messages=self._messages(),
        )

    def _faults(self, language: str) -> list[Fault]:
        return [
            Fault(card.id, card.target.partition("/")[0], card.title, card.sentence, card.since_ms)
            for card in self._staff.cards(language, self._web.reads.now)
            if card.urgency < LOOK
        ]

    def _messages(self) -> list[SmsView]:
        sender = self._web.phone_verification.sender
        if not isinstance(sender, SimulatedSms):
            return []
        return [SmsView(at, number[-4:], code) for at, number, code in reversed(sender.sent)]

    def _devices(self, language: str) -> list[PlanDevice]:
        reads, now = self._web.reads, self._web.reads.now
        serves = {
            spot.id: spot.why
            for spot in (*cart_queries.spots(reads).values(), *locker_serving.spots(reads, now).values())
        }
        out = device_queries.taken_out(reads)
        return [
            self._device(language, view, "out_of_order" if view.id in out else serves.get(view.id))
            for view in self._web.devices()
        ]

    def _device(self, language: str, view: DeviceView, why: str | None) -> PlanDevice:
        doors = parcel_views.doors(self._web, view.id) if view.kind == "locker" else []
        return PlanDevice(
            id=view.id,
            kind=view.kind,
            zone=view.zone,
            label=in_language(view.label, language),
            online=view.online,
            mark=mark(view, why),
            why=why,
            state=view.state,
            battery=view.battery,
            doors={door.name: door.state for door in doors},
            seen=None if view.last_seen is None else int(time.time() - view.last_seen) // 10 * 10_000,
        )


def _queue(queue: Queue) -> dict[str, Any]:
    return {"last": queue.last, "acked": queue.acked, "backlog": queue.backlog, "state": queue.state}


def mark(view: DeviceView, why: str | None) -> str:
    """How the plan paints a device: what staff must see first wins. Green is only what can serve a shopper."""
    state = view.state
    if why in serving.BROKEN - {"offline"}:
        return "fault"
    if not view.online:
        return "away"
    if state.get("paper") == "out" or any(door.get("lock") == "jammed" for door in _doors(state)):
        return "fault"
    open_door = any(door.get("door") == "open" for door in _doors(state))
    return "out" if why is not None or open_door or state.get("docked") is False else "ok"


def _doors(state: dict[str, Any]) -> list[dict[str, Any]]:
    doors = state.get("doors")
    return list(doors.values()) if isinstance(doors, dict) else []
