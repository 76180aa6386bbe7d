"""How much each device may say in a minute: buckets in memory, by the monotonic clock.

What is refused uses nothing up, so that a backlog which is sent again and again drains at the pace of the quota.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import msgspec

from edge.settings.quotas import QuotaSettings

MINUTE_S: Final = 60.0
SHORTEST_S: Final = 0.001
HELD_S: Final = 150.0
"""How long the events after one that was refused wait for it to come again. A device asks again after a minute at most;
one that has given the event up would otherwise never be heard again."""


class _Meter(msgspec.Struct):
    """What one device has used up. Each of the three is a moment: so far what it said would reach at the pace of its
    quota. In the future, it is too much; more than a minute ago counts as a minute ago.
    """

    per_message: float
    per_byte: float
    per_fact: float
    messages: float = 0.0
    bytes: float = 0.0
    facts: float = 0.0
    held: tuple[str, int] | None = None
    """Boot and number of the event that was refused first; nothing overtakes it."""
    held_at: float = 0.0


class Quotas:
    """The meters of one store's devices."""

    def __init__(self, settings: QuotaSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._meters: dict[str, _Meter] = {}

    def take(self, device: str, kind: str, size: int) -> float:
        """One more message of so many bytes: 0 where it may count now, otherwise the seconds until one may."""
        now = self._clock()
        meter = self._meters.get(device) or self._new(device, kind)
        used = max(meter.messages, meter.bytes, meter.facts)
        if used >= now:
            return used - now + SHORTEST_S
        full = now - MINUTE_S
        meter.messages = max(meter.messages, full) + meter.per_message
        meter.bytes = max(meter.bytes, full) + size * meter.per_byte
        return 0.0

    def take_event(self, device: str, kind: str, size: int, boot: str, seq: int) -> bool:
        """Whether an event may count now. After one that may not, none of the same device does until it came again:
        the gap would look as if it had been lost.
        """
        meter, now = self._meters.get(device) or self._new(device, kind), self._clock()
        if meter.held is not None and now - meter.held_at < HELD_S:
            held_boot, held_seq = meter.held
            if boot != held_boot or seq > held_seq:
                return False
        if self.take(device, kind, size) > 0:
            self.hold(device, kind, boot, seq)
            return False
        if meter.held is not None and (meter.held == (boot, seq) or now - meter.held_at >= HELD_S):
            meter.held = None
        return True

    def hold(self, device: str, kind: str, boot: str, seq: int) -> None:
        """An event was refused: what comes after it waits."""
        meter, now = self._meters.get(device) or self._new(device, kind), self._clock()
        if meter.held is None or now - meter.held_at >= HELD_S or (meter.held[0] == boot and seq < meter.held[1]):
            meter.held, meter.held_at = (boot, seq), now

    def wrote(self, device: str, facts: int) -> None:
        """So many facts came of what it said."""
        meter = self._meters.get(device)
        if meter is not None:
            meter.facts = max(meter.facts, self._clock() - MINUTE_S) + facts * meter.per_fact

    def _new(self, device: str, kind: str) -> _Meter:
        quota = self._settings.of(kind)
        made = _Meter(MINUTE_S / quota.messages, MINUTE_S / quota.bytes, MINUTE_S / quota.facts)
        made.messages = made.bytes = made.facts = self._clock() - MINUTE_S
        self._meters[device] = made
        return made
