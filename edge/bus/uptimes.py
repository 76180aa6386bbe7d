"""How far each device's own clock is from ours, by what it says with every message.

The way here takes time, never less than none, so the largest difference is the truest.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from device_drivers.contract import UP_MS, Event, Reply, State, Status

KEPT_MS: Final = 60_000
"""Readings older than this count no more."""
DRIFT_PPM: Final = 500
"""By how much two clocks may drift apart."""
MOST_DEVICES: Final = 100_000


class _Clock(msgspec.Struct):
    """One device that announces `up_ms`."""

    boot: str
    readings: deque[tuple[int, int]] = msgspec.field(default_factory=deque)
    """When by our clock, and the difference; only those that may become the largest, so they fall."""


class Uptimes:
    """Takes what devices say, and makes the bound that a command carries. Times are milliseconds of `boot_ms`."""

    def __init__(self) -> None:
        self._clocks: dict[str, _Clock] = {}

    def hear(self, device: str, body: Status | State | Event | Reply, now: int, *, retained: bool) -> None:
        """A message of a device. A retained one says which boot there is, and gives no reading."""
        if isinstance(body, Status):
            self._status(device, body)
        clock = self._clocks.get(device)
        if clock is None or body.up_ms is None or retained:
            return
        # An event that was kept over a restart names the boot in which it happened; what is sent now is of another.
        if not isinstance(body, Reply) and body.boot != clock.boot:
            return
        difference = body.up_ms - now
        while clock.readings and clock.readings[-1][1] <= difference:
            clock.readings.pop()
        clock.readings.append((now, difference))
        _forget(clock, now)

    def asks(self, device: str) -> bool:
        """Whether the device has a clock, and nothing is known of it yet."""
        clock = self._clocks.get(device)
        return clock is not None and not clock.readings

    def bound(self, device: str, ttl_ms: int, now: int) -> tuple[str, int] | None:
        """Boot and `not_after_up_ms` of a command that is given now; None without a reading."""
        clock = self._clocks.get(device)
        if clock is None:
            return None
        _forget(clock, now)
        if not clock.readings:
            return None
        at, difference = clock.readings[0]
        return clock.boot, difference + now + ttl_ms - (now - at) * DRIFT_PPM // 1_000_000

    def _status(self, device: str, status: Status) -> None:
        if not status.online or status.boot is None:
            return
        clock = self._clocks.get(device)
        if UP_MS not in status.capabilities:
            self._clocks.pop(device, None)
        elif clock is None and len(self._clocks) >= MOST_DEVICES:
            return
        elif clock is None or clock.boot != status.boot:
            self._clocks[device] = _Clock(status.boot)


def _forget(clock: _Clock, now: int) -> None:
    while clock.readings and now - clock.readings[0][0] > KEPT_MS:
        clock.readings.popleft()
