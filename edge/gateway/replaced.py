"""Whether the cloud says that another box works in this one's place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from edge.domain.needs import NOW, Need
from edge.journal.sync_status import read_sync_status


def needs(status: Path) -> list[Need]:
    """A line for staff of a box that was replaced: its orders open nothing, and shoppers stand there."""
    found = read_sync_status(status)
    if found.state != "fenced":
        return []
    return [Need("box/replaced", NOW, "", "box_replaced", _ms(found.since))]


def _ms(moment: str) -> int:
    try:
        return int(datetime.fromisoformat(moment).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
