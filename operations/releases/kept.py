"""Releases of a store's settings, each a folder with a number; and the one that is on trial."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from edge.errors import StorekeeperError
from edge.journal import small_files
from edge.secrets.private import fsync_file
from edge.settings import file_sets

KEPT: Final = 30
"""How many are kept."""
_DEAD: Final = ("Z", "X", "x")
"""A process that ended, and of whose end nobody has heard yet."""
_ABOUT: Final = "release.json"


class CannotApply(StorekeeperError):
    """The settings of this store cannot be changed like this, and nothing was changed: why, and what to do."""


class ApplyRuns(StorekeeperError):
    """Somebody else changes the settings of this store at this moment."""


class Release(msgspec.Struct, frozen=True):
    """One state of the settings."""

    number: int
    sha256: str
    by: str
    """Who brought it."""
    at_ms: int


class ReleaseTrial(msgspec.Struct, frozen=True):
    """A release that is in force and not proven yet."""

    number: int
    back_to: int
    by: str
    process: int
    started: str
    """When that process started, by the system's own account, and at which boot."""

    @property
    def goes_on(self) -> bool:
        """Whether the process that tries it still runs."""
        return start_of(self.process) == self.started


class Releases:
    """All that are kept, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Release]:
        """The oldest first."""
        return [found for number in self._numbers() if (found := self._read_release(number))]

    def _numbers(self) -> list[int]:
        """Those that are taken, also by what nobody can read any more."""
        return sorted(int(path.name) for path in self.folder.glob("*") if path.name.isdecimal())

    def latest_of(self, sha256: str) -> Release | None:
        """The newest release with these files."""
        return next((each for each in reversed(self.all()) if each.sha256 == sha256), None)

    def keep(self, files: file_sets.Files, by: str) -> Release:
        """Keep these files under the next number. Raises `OSError`."""
        known, taken = self.all(), self._numbers()
        number = taken[-1] + 1 if taken else 1
        release = Release(number, file_sets.digest(files), by, time.time_ns() // 1_000_000)
        new = self.folder / f".{number}.new"
        shutil.rmtree(new, ignore_errors=True)
        file_sets.write(new, files)
        with (new / _ABOUT).open("wb") as file:
            file.write(msgspec.json.encode(release))
            fsync_file(file)
        new.rename(self.folder / str(number))
        for old in known[: -KEPT + 1]:
            shutil.rmtree(self.folder / str(old.number), ignore_errors=True)
        return release

    def path(self, number: int) -> Path:
        """The folder of a release."""
        return self.folder / str(number)

    def files(self, number: int) -> dict[str, bytes]:
        """What stands in a release. Raises `OSError`."""
        return file_sets.read(self.path(number))

    def trial(self) -> ReleaseTrial | None:
        """The release that is on trial; none where all is proven."""
        return small_files.read(self._trial, ReleaseTrial)

    def begin(self, number: int, back_to: int, by: str) -> None:
        """From now on a release is on trial, by this process."""
        trial = ReleaseTrial(number, back_to, by, os.getpid(), start_of(os.getpid()))
        new = self._trial.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(trial))
            fsync_file(file)
        new.replace(self._trial)

    def end(self) -> None:
        """The trial is over."""
        self._trial.unlink(missing_ok=True)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One at a time. Raises `ApplyRuns`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise ApplyRuns(
                "the settings of this store are being changed by another command; wait for its end"
            ) from None
        try:
            yield
        finally:
            os.close(descriptor)

    @property
    def _trial(self) -> Path:
        return self.folder / "trial.json"

    def _read_release(self, number: int) -> Release | None:
        return small_files.read(self.path(number) / _ABOUT, Release)


def start_of(process: int) -> str:
    """When a process started, and at which boot; empty where none of that number runs, or only what is left of it."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("ascii", "replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
    told = stat.rpartition(")")[2].split()
    return "" if told[0] in _DEAD else f"{boot}/{told[19]}"
