"""The running store as an update touches it: its services, whether it is well, and a copy to go back to."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from edge.errors import StorekeeperError
from edge.journal import prepared, small_files
from operations.releases.health import Before, Expected, HealthProblem, Look, View, before, watch
from operations.releases.services import PARTS, ServiceError, Services
from operations.updates import snapshot
from operations.updates.disk import Disk
from operations.updates.snapshot import JournalEnd
from operations.updates.trial import Failed, UpdateError
from operations.updates.versions import Versions

log = structlog.get_logger(__name__)

WITHIN_S: Final = 60.0
"""How long a version may take to be well. Longer than for settings: its code comes from the disk for the first time."""
REHEARSAL_S: Final = 180.0
WAS: Final = "before.json"
REHEARSED: Final = "tables.db"


class StateBefore(msgspec.Struct, frozen=True):
    """How the store was before it closed. It lies on the disk, so that whoever goes on after a kill knows it too."""

    before: Before = Before()
    mark: JournalEnd = JournalEnd()


class Running:
    """A `RunningStore` of `operations.updates.trial`."""

    def __init__(
        self, services: Services, look: Look, journal: Path, folder: Path, disk: Disk, within_s: float = WITHIN_S
    ) -> None:
        """`folder` is where the copy lies; `within_s` is how long a version may take to be well."""
        self._services, self._look, self._disk = services, look, disk
        self._journal, self._folder, self._within_s = journal, folder, within_s
        self._was = self._read()
        self._closed_at: float | None = None
        self.closed_ms = 0
        self.rehearse: Callable[[str, Path], None] = lambda new, copy: None  # noqa: ARG005
        """Tries the new version on the copy, before the store closes for it. Raises `UpdateError`."""
        self.calm: Callable[[], None] = lambda: None
        """Returns when nobody would be cut short. Raises `UpdateError`."""

    @property
    def copy(self) -> Path:
        """The journal as it was under the old version."""
        return self._folder / "before.db"

    def _read(self) -> StateBefore:
        return small_files.read(self._folder / WAS, StateBefore) or StateBefore()

    def remember(self, old: str, new: str) -> None:  # noqa: ARG002 - the copy is of whatever runs
        """See `RunningStore`."""
        if not self._services.can_act:
            raise UpdateError(
                "nothing on this box can stop and start the store: name what does, such as"
                " --services 'command:supervisorctl {act} storekeeper-{part}'"
            )
        self._disk.folder(self._folder)
        here = self._journal.exists()
        if here:
            snapshot.copy(self._journal, self.copy, self._disk)
            self._prepare(new)
        self.calm()
        self._was = StateBefore(before(self._look()), snapshot.mark_of(self._journal) if here else JournalEnd())
        self._disk.keep(self._folder / WAS, msgspec.json.encode(self._was))

    def _prepare(self, new: str) -> None:
        """The tables of both versions are made beforehand: neither has to make them anew while the store is closed."""
        try:
            prepared.extract(self.copy, self._of_old)
            self._hand_over(self._of_old)
        except (sqlite3.Error, OSError) as error:
            log.warning("update.not_prepared", error=str(error))  # then it makes them anew when it opens
        self.rehearse(new, self.copy)
        laid = self.copy.with_name(REHEARSED)
        if laid.exists():
            shutil.copyfile(laid, prepared.prepared_path(self._journal))
            self._hand_over(prepared.prepared_path(self._journal))
            self._disk.remove(laid)

    @property
    def _of_old(self) -> Path:
        """The tables of the version that runs, as of the copy."""
        return self._journal.with_name(f"{self._journal.name}.before")

    def _hand_over(self, file: Path) -> None:
        """Whoever the journal belongs to reads and removes it."""
        owner = self._journal.stat()
        shutil.chown(file, owner.st_uid, owner.st_gid)
        file.chmod(0o600)
        self._disk.flush(file)

    def turn_back(self) -> None:
        """See `RunningStore`."""
        self._within_s = max(self._within_s, WITHIN_S)
        with suppress(OSError):
            self._of_old.replace(prepared.prepared_path(self._journal))

    def tidy(self) -> None:
        """Nothing is under way any more: what was prepared for it goes."""
        with suppress(OSError):
            self._of_old.unlink(missing_ok=True)
            prepared.prepared_path(self._journal).unlink(missing_ok=True)

    def close(self) -> None:
        """See `RunningStore`."""
        if self._closed_at is None:
            self._closed_at = time.monotonic()
        try:
            self._services.act("stop", PARTS)
        except ServiceError as error:
            raise UpdateError(str(error)) from None

    def open(self) -> None:
        """See `RunningStore`."""
        try:
            self._services.act("start", PARTS)
        except ServiceError as error:
            raise UpdateError(str(error)) from None

    def unwell(self) -> str:
        """See `RunningStore`."""
        verdict = watch(self._timed, Expected(self._was.before, more=[self._chain]), self._within_s)
        return "" if verdict.well else verdict.sentence

    def _timed(self) -> View | None:
        """Asks the store, and notes when it was ready for the first time since it closed."""
        view = self._look()
        ready = view is not None and view.journal and view.broker and view.instance != self._was.before.instance
        if ready and self._closed_at is not None and not self.closed_ms:
            self.closed_ms = round((time.monotonic() - self._closed_at) * 1000)
        return view

    def _chain(self, view: View) -> HealthProblem | None:  # noqa: ARG002 - the file is asked, not the store
        fault = snapshot.broken_since(self._journal, self._was.mark)
        return HealthProblem("journal_broken", fault) if fault else None

    def recover(self, old: str) -> str:
        """See `RunningStore`."""
        if not self.copy.exists():
            return f"{old} does not come back, and there is no copy of its journal"
        with suppress(OSError, StorekeeperError):
            if snapshot.form_of(self._journal) != snapshot.form_of(self.copy):
                self.close()
                snapshot.put_back(self.copy, self._journal, self._disk)
        self.open()
        return self.unwell()


def rehearsal(versions: Versions, config: Path) -> Callable[[str, Path], None]:
    """Returns what lets a version's own program open a store on a copy, and unlock a simulated cart there."""

    def rehearse(new: str, copy: Path) -> None:
        program = versions.program(new)
        command = [str(program), "update", "rehearse", "--config", str(config), "--journal", str(copy)]
        command += ["--tables", str(copy.with_name(REHEARSED))]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=REHEARSAL_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed(f"{program} cannot be tried: {error}") from None
        if ended.returncode:
            said = " ".join((ended.stderr or ended.stdout).split())[-300:]
            raise Failed(f"it failed in the rehearsal, before the store was closed for it: {said}")

    return rehearse
