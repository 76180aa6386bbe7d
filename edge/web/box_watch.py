"""The box itself, looked at from time to time: pages and figures share one look."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from operations.diagnosis.standing import BoxStatus, standing, versions

if TYPE_CHECKING:
    from pathlib import Path

FRESH_S: Final = 8.0
"""For so long what was found counts as so: finding it takes some files, and a process or two."""


class BoxWatch:
    """Asks how the box stands, beside the event loop, at most every few seconds."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.began_s = time.time()
        """When this gateway started, Unix seconds."""
        self.versions = versions()
        self.last: BoxStatus | None = None
        """What was found the last time."""
        self._looked = float("-inf")
        self._turn: asyncio.Lock | None = None

    async def look(self) -> BoxStatus:
        """How it stands, or stood a few seconds ago. Raises `OSError` where the data folder is gone."""
        if self._turn is None:
            self._turn = asyncio.Lock()
        async with self._turn:
            if self.last is None or time.monotonic() - self._looked > FRESH_S:
                self.last = await asyncio.to_thread(standing, self._data)
                self._looked = time.monotonic()
            return self.last

    @property
    def up_s(self) -> float:
        """For how long this gateway has run."""
        return time.time() - self.began_s
