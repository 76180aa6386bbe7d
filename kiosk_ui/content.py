"""What this kiosk has of its own to show: what the gateway told it last, and the pictures and films that are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from device_drivers.contract import Backdrop, CouponWall
from kiosk_ui.last_told import LastTold
from kiosk_ui.media import MediaCache


class Content:
    """Made once, in the window's thread; `keep` is called by the agent's."""

    def __init__(self, folder: Path, told: Callable[[Mapping[str, str]], None]) -> None:
        """`told` gets the paths of the media that are whole, by hash, in a thread of its own."""
        self._last = LastTold(folder)
        self._media = MediaCache(folder / "media", told)

    def start(self) -> Backdrop | None:
        """What was told last, to begin with."""
        self._media.start()
        return self._last.load()

    def stop(self) -> None:
        """Nothing is fetched any more."""
        self._media.stop()

    def want(self, message: Any) -> None:
        """This is shown from now on: its media are fetched, what is withdrawn leaves the disk."""
        if isinstance(message, CouponWall):
            self._media.want(message)

    def keep(self, message: Backdrop) -> None:
        """This is what the next start begins with. Returns once the disk has it."""
        self._last.keep(message)
