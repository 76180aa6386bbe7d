"""Keeps every screen's `desired` true: a new code each half minute, and at once when its offers change."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from device_drivers.contract import Backdrop, Desired, PanelHours, PanelPlan, encode, encode_desired
from edge.bus import Bus
from edge.domain import screens
from edge.domain.devices import queries as device_queries
from edge.domain.devices.queries import Device
from edge.domain.displays.rules import panel_hours
from edge.domain.layout import Layout
from edge.domain.touchpoints.codes import Codes
from edge.domain.touchpoints.rules import STEP_MS
from edge.gateway.offering import Offering
from edge.gateway.screen_playlists import ScreenPlaylists
from edge.journal import Reads

log = structlog.get_logger(__name__)

SETTLE_S: Final = 0.1
"""Changes that come together are shown together."""


class Signage:
    """One task that publishes; told of changes by the gateway."""

    def __init__(
        self,
        bus: Bus,
        reads: Reads,
        codes: Codes,
        *,
        layout: Layout,
        url: Callable[[str], str],
        offering: Offering,
        playlists: ScreenPlaylists,
        panels: Sequence[str] = (),
        direct: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        """`panels`: the hours in which they shine, as the settings say them. `direct`: where screens reach this box
        without its name.
        """
        self._bus = bus
        self._reads = reads
        self._codes = codes
        self._layout = layout
        self._url = url
        self._direct = direct
        self._offering = offering
        self._playlists = playlists
        self._panel_hours = panels
        self._changed = asyncio.Event()
        self._revision = 0

    def refresh(self) -> None:
        """Publish soon: something that screens show has changed, or the broker is back."""
        self._changed.set()

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            now_ms = time.time_ns() // 1_000_000
            try:
                await asyncio.wait_for(self._changed.wait(), (STEP_MS - now_ms % STEP_MS) / 1000)
                await asyncio.sleep(SETTLE_S)
            except TimeoutError:
                pass
            self._changed.clear()
            if self._bus.connected:
                self._guarded()

    def _guarded(self) -> None:
        try:
            self._publish()
        except Exception:  # whatever it is: half a minute later every screen needs another code
            log.exception("screens.not_told")

    def _publish(self) -> None:
        now_ms = time.time_ns() // 1_000_000
        # By the store's time, so that it rises over restarts without being remembered, whatever the box's clock does.
        self._revision = max(self._revision + 1, self._reads.now)
        for screen in device_queries.devices(self._reads, "screen"):
            body = encode_desired(msgspec.structs.replace(self._body(screen, now_ms), panel=self._panel()))
            desired = Desired(self._revision, hashlib.sha256(body).hexdigest(), msgspec.Raw(body))
            self._bus.desire(screen.id, encode(desired))

    def _panel(self) -> PanelPlan | None:
        """When panels shine; none where the settings say nothing of it."""
        if not self._panel_hours:
            return None
        hours = tuple(PanelHours(*panel_hours(text)) for text in self._panel_hours)
        return PanelPlan(self._layout.store.zone.key, hours)

    def _body(self, screen: Device, now_ms: int) -> Backdrop:
        """The coupons of its zone, or the keypad of the bank that it stands at."""
        address = self._url("").removesuffix("/t/")
        if screen.attached_to:
            return screens.bank_screen(
                self._reads,
                self._codes,
                bank=screen.attached_to,
                screen=screen.id,
                store=self._layout.store.name,
                url=self._url,
                gateway=address,
                direct=self._direct(),
                languages=self._layout.store.languages,
                timezone=self._layout.store.zone.key,
            )
        wall = screens.coupon_wall(
            self._reads,
            self._codes,
            screen=screen.id,
            zone=screen.zone,
            offers=self._offering.on_offer(screen.zone, at=screen.id),
            store=self._layout.store.name,
            currency=self._layout.store.currency,
            now_ms=now_ms,
            url=self._url,
            gateway=address,
            direct=self._direct(),
            languages=self._layout.store.languages,
        )
        return self._playlists.onto(wall, screen.id, now_ms)
