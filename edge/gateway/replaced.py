"""Whether the cloud says that another box works in this one's place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from edge.domain.needs import NOW, Need


class _Told(msgspec.Struct):
    state: str = ""
    since: str = ""


def needs(status: Path) -> list[Need]:
    """A line for staff of a box that was replaced: its orders open nothing, and shoppers stand there."""
    try:
        told = msgspec.json.decode(status.read_bytes(), type=_Told)
    except (OSError, ValueError):
        return []
    if told.state != "fenced":
        return []
    return [Need("box/replaced", NOW, "", "box_replaced", _ms(told.since))]


def _ms(moment: str) -> int:
    try:
        return int(datetime.fromisoformat(moment).timestamp() * 1000)
    except ValueError:
        return 0
