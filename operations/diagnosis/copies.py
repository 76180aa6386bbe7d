"""Targets that get no copy of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from edge.domain.box.facts import BackupFailed, BackupMade
from edge.domain.box.queries import every
from edge.journal import Reader
from operations.diagnosis.findings import Finding, Health, found


def failed(reads: Reader | None) -> Iterator[Finding]:
    """What went wrong at each target since the last copy there."""
    if reads is None:
        return
    with suppress(sqlite3.Error):  # an earlier version keeps no such table
        last = {said.fact.about: said.place for said in every(reads, BackupMade)}
        for said in every(reads, BackupFailed):
            fact = said.fact
            if said.place > last.get(fact.about, 0):
                at = said_at(said.at_ms)
                yield found(Health.ILL, "backup", "backup_failed", about=fact.about, because=fact.because, at=at)


def said_at(ms: int) -> str:
    """A moment as findings say it."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
