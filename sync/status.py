"""The uplink's status file: how far the cloud has the journal, for everybody in the box who wants to show it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

from edge.journal.outage import boot
from edge.journal.sync_status import State, SyncStatus, read_sync_status
from edge.secrets import private

log = structlog.get_logger(__name__)

EVERY_S: Final = 0.5
"""At most twice a second."""
AT_LEAST_S: Final = 2.0
"""So that a reader can tell a process that is gone from one that has nothing to say."""


class Status:
    """Writes the report: whole or not at all, and not too often."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._spare = path.with_name(f".{path.name}.new")
        self._written: SyncStatus | None = None
        self._written_at = 0.0
        # What an earlier process was told holds until the cloud says otherwise; without it the whole journal would
        # seem to wait when the box starts offline.
        before = read_sync_status(path)
        self.report = SyncStatus(
            acked=before.acked, acked_hash=before.acked_hash, since=_now(), recovery_point_s=before.recovery_point_s
        )

    def tell(
        self,
        state: State | None = None,
        error: str | None = None,
        *,
        acked: int | None = None,
        acked_hash: str | None = None,
        last: int | None = None,
        time_told: tuple[int, float] | None = None,
    ) -> None:
        """Note what is known now. A state comes with its error, or clears it."""
        report = self.report
        if state is not None:
            if state != report.state:
                report.state, report.since = state, _now()
            report.error = error
        if acked is not None:
            report.acked = acked
            report.acked_hash = acked_hash or ""
        if last is not None:
            report.last = last
        if time_told is not None:
            (report.cloud_ms, report.cloud_mono_s), report.boot = time_told, boot()

    def flush(self) -> None:
        """Write when there is news or it has been long, but at most each `EVERY_S`."""
        age = time.monotonic() - self._written_at
        changed = self._written is None or msgspec.structs.replace(self.report, at=self._written.at) != self._written
        if age < (EVERY_S if changed else AT_LEAST_S):
            return
        self.report.at = _now()
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self._spare, "wb", opener=_private) as file:
                os.fchmod(file.fileno(), private.mode_in(self._path.parent))
                file.write(msgspec.json.encode(self.report))
            self._spare.replace(self._path)
        except OSError as error:
            # A full disk: what is on it must reach the cloud all the same.
            log.warning("status.unwritten", path=str(self._path), error=str(error))
        self._written, self._written_at = msgspec.structs.replace(self.report), time.monotonic()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
