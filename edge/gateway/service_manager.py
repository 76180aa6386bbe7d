"""What the service manager is told (`sd_notify`): that the gateway is open, that it lives, that it ends."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)


def notify(state: str) -> None:
    """Send it a state, such as `READY=1`. Does nothing where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.setblocking(False)
        channel.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)


def watchdog_s() -> float | None:
    """How long it waits for a sign of life of this process; none where it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    micros = os.environ.get("WATCHDOG_USEC", "")
    return int(micros) / 1e6 if micros.isdecimal() and int(micros) else None


async def run_watchdog(alive: Callable[[], bool]) -> None:
    """Give a sign of life, for as long as there is life, until it is cancelled."""
    patience = watchdog_s()
    if patience is None:
        return
    silent = False
    while True:
        if alive():
            notify("WATCHDOG=1")
            silent = False
        elif not silent:
            silent = True
            log.critical("gateway.stuck", why="no write has ended", restart_within_s=patience)
        await asyncio.sleep(patience / 4)
