"""A need: one thing in the store that wants a person's hand now.

Every noun says its own: `needs(reads, now) -> list[Need]`, a small function that only reads. The staff page
collects them, sorts them by `order`, and draws each with its one action. A need is not stored anywhere: it is
there as long as the tables say so, so it goes away by itself when the hand has done its work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from edge.journal import Reads

__all__ = ["LOOK", "NOW", "SOON", "WHEN_FREE", "Need", "Source", "collect"]

NOW = 0  # somebody is standing there: a jammed door, a locker that does not open
SOON = 1  # work has stopped: paper out, cover open, printer offline, a job that waits for a decision
WHEN_FREE = 2  # it will stop soon: low battery, overdue locker, a cart too long away
LOOK = 3  # worth a look on the next round


class Need(msgspec.Struct, frozen=True, omit_defaults=False):
    """`kind` names the sentence (`staff.need.<kind>` in the texts), `details` fills its gaps; times in wall ms.

    `id` is the same as long as it is the same trouble (the live page keeps its place by it). `action` names the one
    thing to do about it, one of the staff page's actions ("open_door", "release_cart", "print_copy"...), or None
    when only a hand helps (paper). `device` is where to go; "" when it is no device.
    """

    id: str
    urgency: int
    device: str
    kind: str
    since_ms: int
    details: dict[str, Any] = {}
    action: str | None = None


Source = Callable[[Reads, int], list[Need]]


def collect(sources: Iterable[Source], reads: Reads, now: int) -> list[Need]:
    """What needs a hand at `now` (wall ms), the most urgent first, and among equals the one that waited longest."""
    found = [need for source in sources for need in source(reads, now)]
    return sorted(found, key=lambda need: (need.urgency, need.since_ms, need.id))
