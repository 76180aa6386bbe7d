"""How much each device may say in a minute: buckets in memory, by the monotonic clock.

What is refused uses nothing up, so that a backlog which is sent again and again drains at the pace of the quota.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import msgspec

from edge.quotas_settings import Quota, QuotaSettings

MINUTE_S: Final = 60.0
HELD_S: Final = 150.0
"""How long the events after one that was refused wait for it to come again. A device asks again after a minute at most;
one that has given the event up would otherwise never be heard again."""


class _Meter(msgspec.Struct):
    """What one device has left of its minute."""

    quota: Quota
    at: float
    messages: float
    bytes: float
    facts: float
    held: tuple[str, int] | None = None
    """Boot and number of the event that was refused first; nothing overtakes it."""
    held_at: float = 0.0

    def refill(self, now: float) -> None:
        part = (now - self.at) / MINUTE_S
        self.at = now
        self.messages = min(self.quota.messages, self.messages + part * self.quota.messages)
        self.bytes = min(self.quota.bytes, self.bytes + part * self.quota.bytes)
        self.facts = min(self.quota.facts, self.facts + part * self.quota.facts)

    def wait(self) -> float:
        """Seconds until there is something left of everything; each may be overdrawn once."""
        missing = max(
            (1 - self.messages) / self.quota.messages,
            -self.bytes / self.quota.bytes,
            (1 - self.facts) / self.quota.facts,
        )
        return max(0.0, missing * MINUTE_S)


class Quotas:
    """The meters of one store's devices."""

    def __init__(self, settings: QuotaSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._meters: dict[str, _Meter] = {}

    def take(self, device: str, kind: str, size: int) -> float:
        """One more message of so many bytes: 0 where it may count now, otherwise the seconds until one may."""
        meter = self._meter(device, kind)
        wait = meter.wait()
        if wait <= 0:
            meter.messages -= 1
            meter.bytes -= size
        return wait

    def take_event(self, device: str, kind: str, size: int, boot: str, seq: int) -> bool:
        """Whether an event may count now. After one that may not, none of the same device does until it came again:
        the gap would look as if it had been lost.
        """
        meter = self._meter(device, kind)
        if meter.held is not None and meter.at - meter.held_at < HELD_S:
            held_boot, held_seq = meter.held
            if boot != held_boot or seq > held_seq:
                return False
        if self.take(device, kind, size) > 0:
            self.hold(device, kind, boot, seq)
            return False
        if meter.held is not None and (meter.held == (boot, seq) or meter.at - meter.held_at >= HELD_S):
            meter.held = None
        return True

    def hold(self, device: str, kind: str, boot: str, seq: int) -> None:
        """An event was refused: what comes after it waits."""
        meter = self._meter(device, kind)
        if meter.held is None or meter.at - meter.held_at >= HELD_S or (meter.held[0] == boot and seq < meter.held[1]):
            meter.held, meter.held_at = (boot, seq), meter.at

    def wrote(self, device: str, facts: int) -> None:
        """So many facts came of what it said."""
        meter = self._meters.get(device)
        if meter is not None:
            meter.facts -= facts

    def _meter(self, device: str, kind: str) -> _Meter:
        now = self._clock()
        meter = self._meters.get(device)
        if meter is None:
            quota = self._settings.of(kind)
            meter = self._meters[device] = _Meter(quota, now, quota.messages, quota.bytes, quota.facts)
        meter.refill(now)
        return meter
