"""What a device on lock boards has for itself: its locks. The wire is shared by all that speak the same on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.driver import Claim
from device_drivers.transports import from_url, port_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from device_drivers.locks.board import Lock


def claims(url: str, locks: Iterable[Lock]) -> tuple[Claim, ...]:
    """One for each lock. Raises `ValueError` for a URL that names no port."""
    from_url(url)
    return tuple(
        Claim(port_of(url), f"{type(lock.board).__module__} {url}", f"lock {lock.board.address}/{lock.index + 1}")
        for lock in locks
    )
