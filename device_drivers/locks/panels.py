"""The panels of this process. A port can be opened once, and the carts of a dock are many devices on one port."""

from __future__ import annotations

import threading
from typing import Final

from device_drivers.locks.panel import LockPanel
from device_drivers.transports import from_url
from device_drivers.transports.wire import Wire


class Panels:
    """Panels by URL: made for the first who joins, stopped with the last who leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._panels: dict[str, LockPanel] = {}
        self._joined: dict[str, int] = {}

    def join(self, url: str, baud: int, gap_s: float) -> LockPanel:
        """The running panel of this port. Raises `ValueError` for a URL that names none."""
        with self._lock:
            if url not in self._panels:
                self._panels[url] = LockPanel(Wire(from_url(url, baud), gap_s))
                self._panels[url].start()
            self._joined[url] = self._joined.get(url, 0) + 1
            return self._panels[url]

    def leave(self, url: str) -> None:
        """Once for each `join`."""
        with self._lock:
            self._joined[url] -= 1
            if not self._joined[url]:
                del self._joined[url]
                self._panels.pop(url).stop()


PANELS: Final = Panels()
"""A port exists once in the machine, so its panel exists once in the process."""
