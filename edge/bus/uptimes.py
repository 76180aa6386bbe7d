"""How far each device's own clock is from ours, by what it says with every message.

The way here takes time, never less than none, so the largest difference is the truest.
"""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract import UP_MS, Status

KEPT_MS: Final = 60_000
"""Readings older than this count no more."""
DRIFT_PPM: Final = 500
"""By how much two clocks may drift apart."""
MAX_DEVICES: Final = 100_000


class _Clock(msgspec.Struct):
    """One device that announces `up_ms`."""

    boot: str
    readings: list[tuple[int, int]] = []
    """When by our clock, and the difference; only those that may become the largest, so they fall."""


class Uptimes:
    """Takes what devices say, and makes the bound that a command carries. Times are milliseconds of `boot_ms`."""

    def __init__(self) -> None:
        self._clocks: dict[str, _Clock] = {}

    def status(self, device: str, status: Status) -> None:
        """Presence, retained or not: which boot there is, and whether it has a clock."""
        if not status.online or status.boot is None:
            return
        clock = self._clocks.get(device)
        if UP_MS not in status.capabilities:
            self._clocks.pop(device, None)
        elif clock is None and len(self._clocks) >= MAX_DEVICES:
            return
        elif clock is None or clock.boot != status.boot:
            self._clocks[device] = _Clock(status.boot)

    def read(self, device: str, up_ms: int, now: int, boot: str | None = None) -> None:
        """A reading in a message that was not retained. A reply names no boot. An event that was kept over a restart
        names the boot in which it happened, though it is sent in another: that is none.
        """
        clock = self._clocks.get(device)
        if clock is None or (boot is not None and boot != clock.boot):
            return
        readings, difference = clock.readings, up_ms - now
        while readings and readings[-1][1] <= difference:
            readings.pop()
        readings.append((now, difference))
        if now - readings[0][0] > KEPT_MS:
            _forget(clock, now)

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


def _forget(clock: _Clock, now: int) -> None:
    while clock.readings and now - clock.readings[0][0] > KEPT_MS:
        del clock.readings[0]
