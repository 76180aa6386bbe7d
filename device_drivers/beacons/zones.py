"""Which zone a tag is in, by how loud the receivers of the zones hear it. Pure: the clock is passed in.

Signal strength jumps by 10 dB when somebody walks by, so a tag changes its zone only when another receiver has heard it
clearly louder, twice in a row. Good for aisles and areas, not for shelves.
"""

from __future__ import annotations

from typing import Final

import msgspec

SMOOTH: Final = 0.5
"""How much of the smoothed strength a new reading makes up."""


class ZoneRules(msgspec.Struct, frozen=True):
    """How reluctant a tag is to change its zone."""

    margin_db: float = 5.0
    """Another zone has to be so much louder than the present one."""
    wins: int = 2
    """So many times in a row."""
    stale_s: float = 10.0
    """What a receiver heard is forgotten after so many seconds."""
    lost_s: float = 30.0
    """A tag that nobody heard for so many seconds is in no zone."""


class TagMoved(msgspec.Struct, frozen=True):
    """A tag went from one zone to another; None is none."""

    tag: str
    zone: str | None
    was: str | None
    rssi: float | None = None
    """Smoothed, in dBm, in its new zone."""


class _Tag(msgspec.Struct):
    heard: dict[str, tuple[float, float]]
    """By zone, smoothed strength in dBm and when."""
    zone: str | None = None
    rival: str | None = None
    wins: int = 0
    last: float = 0.0


class Zones:
    """Every tag's zone. Not safe from several threads."""

    def __init__(self, rules: ZoneRules) -> None:
        self._rules = rules
        self._tags: dict[str, _Tag] = {}

    def hear(self, tag: str, zone: str, rssi: float, now: float) -> TagMoved | None:
        """A receiver of a zone heard a tag, at `now` in seconds; the change that it makes."""
        seen = self._tags.setdefault(tag, _Tag({}))
        fresh = {where: heard for where, heard in seen.heard.items() if now - heard[1] <= self._rules.stale_s}
        before = fresh.get(zone)
        smoothed = rssi if before is None else before[0] + SMOOTH * (rssi - before[0])
        fresh[zone] = (smoothed, now)
        seen.heard, seen.last = fresh, now
        return self._decide(tag, seen, zone)

    def quiet(self, now: float) -> list[TagMoved]:
        """The tags that nobody has heard for too long."""
        lost = []
        for name, tag in self._tags.items():
            if tag.zone is not None and now - tag.last > self._rules.lost_s:
                lost.append(TagMoved(name, None, tag.zone))
                tag.heard, tag.zone, tag.rival, tag.wins = {}, None, None, 0
        return lost

    def _decide(self, name: str, tag: _Tag, heard: str) -> TagMoved | None:
        best = max(tag.heard, key=lambda zone: tag.heard[zone][0])
        strength = tag.heard[best][0]
        present = tag.heard.get(tag.zone) if tag.zone is not None else None
        if best == tag.zone or (present is not None and strength - present[0] < self._rules.margin_db):
            tag.rival, tag.wins = None, 0
            return None
        if best != heard:
            return None  # a reading counts once, when it comes
        tag.wins = tag.wins + 1 if best == tag.rival else 1
        tag.rival = best
        if tag.wins < self._rules.wins:
            return None
        change = TagMoved(name, best, tag.zone, round(strength, 1))
        tag.zone, tag.rival, tag.wins = best, None, 0
        return change
