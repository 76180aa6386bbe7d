"""What a device should show or be, taken once per revision and confirmed with the digest of what was taken."""

from __future__ import annotations

import functools
import hashlib
import threading
from typing import TYPE_CHECKING

from device_drivers.contract import Applied, Desired, desired_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_drivers.driver import Driver
    from device_drivers.worker import Worker


class DesiredState:
    """Keeps the newest desired body alone: a screen that was busy for a minute goes straight to what counts now."""

    def __init__(self, driver: Driver, worker: Worker, confirm: Callable[[Applied], None]) -> None:
        self._driver = driver
        self._worker = worker
        self._confirm = confirm
        self._lock = threading.Lock()
        self._next: Desired | None = None
        self.applied: Applied | None = None
        """What was last confirmed; said again on every new connection."""

    def take(self, desired: Desired) -> None:
        """Queues it for the worker; returns at once."""
        with self._lock:
            queued, self._next = self._next is not None, desired
        if not queued:
            self._worker.submit(self._apply_newest)

    def _apply_newest(self) -> None:
        with self._lock:
            desired, self._next = self._next, None
        if desired is None:
            return
        if self.applied != Applied(desired.revision, desired.sha256):
            broken = Applied(desired.revision, error="the driver failed; its log says why")
            self.applied = self._worker.attempt(functools.partial(self._apply, desired), broken)
        self._confirm(self.applied)

    def _apply(self, desired: Desired) -> Applied:
        body = bytes(desired.body)
        if (found := hashlib.sha256(body).hexdigest()) != desired.sha256.lower():
            return Applied(
                desired.revision, error=f"the body's sha256 is {found}, the message says {desired.sha256[:64]}"
            )
        try:
            self._driver.apply(desired_body(self._driver.kind, body))
        except ValueError as error:
            return Applied(desired.revision, error=str(error)[:500])
        return Applied(desired.revision, desired.sha256)
