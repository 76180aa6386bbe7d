"""Whether copies of the store are made, and when the last one was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from edge.domain.box.facts import BackupFailed, BackupMade
from edge.domain.box.queries import every
from edge.journal import Reader
from operations.diagnosis.findings import Finding, Health, found

LATE_H: Final = 6
"""One is made each hour; a target that was unplugged over a lunch is no news."""


def copies(reads: Reader | None) -> Iterator[Finding]:
    """The last copy at each target, and what went wrong since. Raises `sqlite3.Error`."""
    made = every(reads, BackupMade) if reads is not None else []
    failed = every(reads, BackupFailed) if reads is not None else []
    last = {said.fact.about: said for said in made}
    if not made and not failed:
        yield found(Health.NOTE, "backup", "backup_never")
    for bad in failed:
        fact = bad.fact
        if fact.about not in last or bad.place > last[fact.about].place:
            details = {"about": fact.about, "because": fact.because, "at": _moment(bad.at_ms)}
            yield found(Health.ILL, "backup", "backup_failed", **details)
    for said in made:
        hours = round(max(0, time.time() * 1000 - said.at_ms) / 3_600_000)
        health, code = (Health.ILL, "backup_late") if hours > LATE_H else (Health.WELL, "backup_made")
        details = {"about": said.fact.about, "at": _moment(said.at_ms)}
        yield found(health, "backup", code, **details, hours=hours)


def _moment(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
