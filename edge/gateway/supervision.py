"""What runs for as long as the gateway does, whatever goes wrong in a round of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from edge.errors import JournalClosed

log = structlog.get_logger(__name__)

PAUSE_S: Final = 1.0


def supervised(run: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
    """Returns a task that runs until it ends by itself, is cancelled, or the journal closes. What it fails of is told,
    and it begins again: a task that stayed dead would leave its work undone without a word.
    """
    return asyncio.create_task(_run_for_ever(run, name), name=name)


async def _run_for_ever(run: Callable[[], Awaitable[None]], name: str) -> None:
    while True:
        try:
            await run()
        except JournalClosed:
            return
        except Exception:  # whatever it is: a second later it may be gone
            log.exception("task.failed", task=name)
            await asyncio.sleep(PAUSE_S)
        else:
            return
