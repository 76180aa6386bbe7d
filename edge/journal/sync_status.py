"""The uplink's word of how far the cloud has the journal, for everybody in the box who goes by it or shows it."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec

from edge.journal import small_files
from edge.journal.outage import boot

Place = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
State = Literal["starting", "ok", "offline", "diverged", "fenced"]
STATES: Final[tuple[State, ...]] = get_args(State)


class SyncStatus(msgspec.Struct):
    """`sync.json`."""

    acked: Place = 0
    """The newest entry that the cloud has acknowledged."""
    acked_hash: str = ""
    """That entry's hash, by which it is known again."""
    last: Place = 0
    """The newest entry of the journal. The queue is the difference."""
    state: str = "starting"
    """One of `STATES`, or what a later build calls another one."""
    since: str = ""
    """RFC 3339: when `state` began."""
    error: str | None = None
    at: str = ""
    """RFC 3339: when this was written."""
    recovery_point_s: Place | None = None
    """How much of its past the cloud says that it may lose."""
    cloud_ms: Place | None = None
    """What time the cloud said it was with its newest answer, Unix milliseconds."""
    cloud_mono_s: float | None = None
    """When that was, by the boot clock of this box,"""
    boot: str = ""
    """in this boot (`edge.journal.outage.boot`)."""


def cloud_now_ms(status: SyncStatus, within_s: float = math.inf) -> float | None:
    """What time it is by the cloud; none where it has not said so within so long, or since this box was switched on."""
    if status.cloud_ms is None or status.cloud_mono_s is None or status.boot != boot():
        return None
    age_s = time.monotonic() - status.cloud_mono_s
    return status.cloud_ms + age_s * 1000 if 0 <= age_s <= within_s else None


def read_sync_status(path: Path) -> SyncStatus:
    """What sync told last; of what it never told, or what cannot be read, nothing."""
    return small_files.read(path, SyncStatus) or SyncStatus()
