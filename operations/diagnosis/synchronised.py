"""Whether this box's clock is right: what the kernel says of it, who keeps it, and what others say the time is."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from device_drivers.trusted_time import kernel
from operations.diagnosis.findings import Finding, Health, found

KEEPERS: Final = {
    "chronyd": "chrony",
    "systemd-timesyn": "systemd-timesyncd",
    "ntpd": "ntpd",
    "ntpd-rs": "ntpd-rs",
    "phc2sys": "linuxptp",
}
"""Process name, as the kernel cuts it, and what people call the program."""
PATIENCE_S: Final = 3.0
OFF_S: Final = 60.0
"""So far apart two clocks are not both right: a request and its answer take less."""
QUIET_S: Final = 400 * 86_400.0
"""A store that recorded nothing for longer was closed, or its clock is wrong."""


def keeper() -> str | None:
    """Returns the program on this box that sets the clock, and whom it asks, such as `chrony, from 192.0.2.1`."""
    running = {name for path in Path("/proc").glob("[0-9]*/comm") if (name := _comm(path)) in KEEPERS}
    if not running:
        return None
    name = min(running, key=list(KEEPERS).index)
    source = _source(name)
    return f"{KEEPERS[name]}, from {source}" if source else KEEPERS[name]


def _comm(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:  # ended meanwhile
        return ""


def _source(name: str) -> str:
    if name == "chronyd":
        fields = _output("chronyc", "-n", "-c", "tracking").split(",")
        return fields[1] if len(fields) > 1 and fields[1] not in ("", "0.0.0.0") else ""  # noqa: S104 - no address
    if name == "systemd-timesyn":
        return _output("timedatectl", "show-timesync", "--property=ServerName", "--value")
    return ""


def _output(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def told_by(url: str) -> float | None:
    """Returns by how many seconds the server at `url` is ahead of this box; none where it says nothing."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with suppress(OSError, http.client.HTTPException, ssl.SSLError, TypeError, ValueError, OverflowError):
        line = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        try:
            line.request("GET", "/healthz")
            date = line.getresponse().headers["Date"]
            return parsedate_to_datetime(date).timestamp() - time.time()
        finally:
            line.close()
    return None


def clock(newest_ms: int | None, ahead_s: float | None) -> Iterator[Finding]:
    """Says whether the time is right. `newest_ms` is of the journal's last fact, `ahead_s` what `told_by` returns."""
    now = datetime.now(UTC)
    said = {"now": f"{now:%Y-%m-%d %H:%M} UTC"}
    if ahead_s is not None and abs(ahead_s) > OFF_S:
        yield found(Health.ILL, "clock", "clock_off", **said, ahead_s=round(ahead_s, 1))
    if newest_ms is not None and (gone := now.timestamp() - newest_ms / 1000) < -OFF_S:
        yield found(Health.ILL, "clock", "clock_behind", **said, by=int(-gone))
    elif newest_ms is not None and gone > QUIET_S:
        yield found(Health.NOTE, "clock", "clock_jumped", **said, by=int(gone))
    yield _sync_finding(said, agrees=ahead_s is not None and abs(ahead_s) <= OFF_S)


def _sync_finding(said: dict[str, str], *, agrees: bool) -> Finding:
    """Who keeps it. The kernel knows whether somebody does; a process list knows who."""
    state, by = kernel(), keeper()
    if state is not None and state.synchronised:
        known = {"by": by or "another system, such as the host of this container", "error_s": state.error_s}
        return found(Health.WELL, "clock", "clock_kept", **said, **known)
    if by is not None:
        return found(Health.NOTE, "clock", "clock_not_yet", **said, by=by)
    if agrees:
        return found(Health.NOTE, "clock", "clock_alone_agrees", **said)
    return found(Health.NOTE, "clock", "clock_alone", **said)
