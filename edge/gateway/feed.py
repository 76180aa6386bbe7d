"""What changed, told to whoever watches now: the live pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from edge.domain.noun import Change

DEPTH: Final = 500
"""How far a watcher may fall behind before the oldest changes are dropped: it reads the full state anyway."""


class ChangeFeed:
    """In memory, for this process only: what must not be missed is in the journal."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[Change]] = set()

    @property
    def watched(self) -> bool:
        """Whether anybody watches."""
        return bool(self._watchers)

    def tell(self, change: Change) -> None:
        """Tell all who watch."""
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue[Change]]:
        """What changes from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue(DEPTH)
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)
