"""How far the cloud has the journal, by the uplink's own report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.journal import small_files
from edge.journal.outage import is_on
from edge.journal.sync_status import SyncStatus, cloud_now_ms
from edge.settings.settings import sync_status
from operations.diagnosis.copies import said_at
from operations.diagnosis.findings import Finding, Health, found

SILENT_S: Final = 15.0
"""The uplink writes its report every two seconds while it runs."""


class UplinkStatus(SyncStatus):
    """The same, and what follows from it."""

    @property
    def waiting(self) -> int:
        """How many facts are on their way."""
        return max(0, self.last - self.acked)

    @property
    def age_s(self) -> float:
        """Seconds between then and now by the box's clock: one that went back makes no old report fresh."""
        try:
            return abs((datetime.now(UTC) - datetime.fromisoformat(self.at)).total_seconds())
        except (ValueError, TypeError):  # no date, or one of no zone
            return float("inf")

    def ahead_s(self) -> float | None:
        """By how many seconds the cloud's clock was ahead of this box's; none where it never told, or another boot."""
        now_ms = cloud_now_ms(self)
        # Of one that runs no more it may be old, and the box have slept since, when its boot clock stood still.
        return None if now_ms is None or self.age_s > SILENT_S else now_ms / 1000 - time.time()


def report(data: Path) -> UplinkStatus | None:
    """Returns the last report; none where sync never ran on this data, or what is there is damaged."""
    return small_files.read(sync_status(data), UplinkStatus)


def _moment_text(moment: str) -> str:
    """A moment of the report as findings say it; what is none as it stands."""
    try:
        return said_at(int(datetime.fromisoformat(moment).timestamp() * 1000))
    except (ValueError, OverflowError):
        return moment


def sync(data: Path) -> Iterator[Finding]:
    """Says how far the cloud is, and why it is no further."""
    seen = report(data)
    if seen is None:
        yield found(Health.NOTE, "sync", "sync_never")
        return
    said = {"waiting": seen.waiting, "acked": seen.acked, "last": seen.last, "since": _moment_text(seen.since)}
    if seen.state == "diverged":
        yield found(Health.ILL, "sync", "sync_diverged", **said, error=seen.error or "")
    elif seen.state == "fenced":
        yield found(Health.ILL, "sync", "sync_fenced", **said)
    elif seen.age_s > SILENT_S:
        yield found(Health.NOTE, "sync", "sync_stopped", **said, at=_moment_text(seen.at))
    elif is_on(data, "uplink"):
        yield found(Health.NOTE, "sync", "sync_rehearsed", **said)
    elif seen.state == "ok":
        yield found(Health.WELL, "sync", "sync_ok", **said)
    else:
        yield found(Health.NOTE, "sync", "sync_offline", **said, error=seen.error or "")
