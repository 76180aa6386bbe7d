"""How the box stands now, for pages: the findings of everything that can be looked at beside an open store."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.box.facts import BackupMade
from edge.domain.box.queries import Said, every
from edge.journal import Reader
from edge.journal.queries import last_sequence, recorded_ms
from operations.diagnosis import copies, expiry, on_the_bus, room, synchronised, uplink
from operations.diagnosis.books import report
from operations.diagnosis.books.report import ReconciliationReport
from operations.diagnosis.expiry import CertificateExpiry
from operations.diagnosis.findings import Finding, Health, found
from operations.diagnosis.room import Room

FRESH_S: Final = 3 * 3600
STALE_S: Final = 24 * 3600
"""A backup is made every hour: two that failed are a note, a day without one is bad."""
VERSIONS: Final = Path("/opt/storekeeper")
"""Where the packages put each version."""


class BoxStatus(msgspec.Struct, frozen=True):
    """The box, as it is."""

    findings: list[Finding]
    room: Room
    certificates: list[CertificateExpiry]
    uplink: uplink.UplinkStatus | None
    books: ReconciliationReport | None
    """The last daily comparison."""
    backed_up_s: float
    """When the last backup was made, Unix seconds; 0 where none ever was."""


class InstalledVersions(msgspec.Struct, frozen=True):
    """What runs here."""

    running: str
    kept: tuple[str, ...]
    """Other versions on this disk, to which it could go; the newest first."""
    python: str
    sqlite: str
    system: str
    machine: str
    host: str


def standing(data: Path, config: Path | None = None) -> BoxStatus:
    """Looks at everything once; it takes a fraction of a second. Raises `OSError` where `data` is no folder."""
    own = uplink.report(data)
    endings = expiry.certificates(expiry.places(config or data / "config", data))
    path = data / "storekeeper.db"
    reads = Reader(path) if path.exists() else None
    try:
        seen = room.room(data, reads)
        findings = [*_findings(data, own, reads), *expiry.expiries(endings)]
        made = last_backup(reads)
    finally:
        if reads is not None:
            reads.close()
    return BoxStatus(findings, seen, endings, own, report.newest(data), made.at_ms / 1000 if made else 0.0)


def _findings(data: Path, own: uplink.UplinkStatus | None, reads: Reader | None) -> Iterator[Finding]:
    yield from room.disk(data, reads)
    yield from synchronised.clock(_newest(reads), own.ahead_s() if own else None)
    yield from uplink.sync(data)
    if reads is not None:
        with suppress(sqlite3.Error):
            yield from on_the_bus.devices(reads)
    yield from backup(reads)


def _newest(reads: Reader | None) -> int | None:
    """When the newest fact was recorded, wall ms."""
    if reads is not None:
        with suppress(sqlite3.Error):
            return recorded_ms(reads, last_sequence(reads))
    return None


def last_backup(reads: Reader | None) -> Said[BackupMade] | None:
    """The newest backup that was made, wherever it went; none where none ever was."""
    if reads is None:
        return None
    try:
        made = every(reads, BackupMade)
    except sqlite3.Error:  # an earlier version keeps no such table
        return None
    return made[0] if made else None


def backup(reads: Reader | None) -> Iterator[Finding]:
    """When the last backup was made, and whether that is long ago."""
    yield from copies.failed(reads)
    made = last_backup(reads)
    if made is None:
        yield found(Health.NOTE, "backup", "backup_never")
        return
    age_s = max(time.time(), (_newest(reads) or 0) / 1000) - made.at_ms / 1000
    if age_s < -FRESH_S:  # it was made by a clock that ran ahead, and would be fresh for as long
        yield found(Health.ILL, "backup", "backup_ahead", at=copies.said_at(made.at_ms))
        return
    hours = max(0, round(age_s / 3600))
    said = {"hours": hours, "at_ms": made.at_ms, "fact": msgspec.to_builtins(made.fact)}
    health = Health.WELL if age_s < FRESH_S else Health.ILL if age_s > STALE_S else Health.NOTE
    yield found(health, "backup", "backup_made" if health is Health.WELL else "backup_old", **said)


def versions() -> InstalledVersions:
    """What runs, and what else is kept on this disk."""
    running = importlib.metadata.version("storekeeper")
    kept = sorted((path.name for path in VERSIONS.glob("[0-9]*") if path.is_dir()), key=_parts, reverse=True)
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        system = ""
    return InstalledVersions(
        running,
        tuple(name for name in kept if name != running),
        ".".join(map(str, sys.version_info[:3])),
        sqlite3.sqlite_version,
        system or platform.system(),
        f"{platform.machine()}, {os.cpu_count()} CPU",
        socket.gethostname(),
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
