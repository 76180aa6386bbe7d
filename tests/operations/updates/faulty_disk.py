"""A disk that fails, is killed or loses its power at the n-th thing that is done to it, and forgets what was not
flushed.

Every primitive is carried out on real files; beside each stands how to take it back for as long as it was not flushed.
"""

from __future__ import annotations

import errno
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from operations.updates.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Callable


class Died(BaseException):
    """The process is gone: nothing of ours runs after this, so nothing may catch it."""


class _Done(NamedTuple):
    """What is not flushed yet: the file or the folder that would have to be, and the way back."""

    place: Path
    undo: Callable[[], None]


class FaultyDisk(Disk):
    """`at` counts from 1; 0 never. `fault`: "kill" ends the process, "power" also forgets, "full" refuses from then."""

    def __init__(self, at: int = 0, fault: str = "kill", seed: int = 0) -> None:
        self.at, self.fault = at, fault
        self.count = 0
        self._chance = random.Random(f"{at} {seed}")
        self._loose: list[_Done] = []

    def _step(self, *, takes_space: bool) -> None:
        self.count += 1
        if self.fault == "full":
            if self.at and self.count >= self.at and takes_space:
                raise OSError(errno.ENOSPC, "No space left on device")
        elif self.count == self.at:
            if self.fault == "power":
                self.lose_power()
            raise Died

    def lose_power(self) -> None:
        """Of what was not flushed, the disk has any part that could have come before the rest."""
        kept = self._chance.randrange(len(self._loose) + 1)
        for done in reversed(self._loose[kept:]):
            done.undo()
        self._loose.clear()

    def put(self, path: Path, data: bytes) -> None:
        self._step(takes_space=True)
        before = path.read_bytes() if path.is_file() else None
        super().put(path, data)
        torn = data[: self._chance.randrange(len(data) + 1)]
        self._loose.append(_Done(path, lambda: _write(path, torn) if path.is_file() else None))
        if before is None:
            self._loose.append(_Done(path.parent, lambda: path.unlink(missing_ok=True)))

    def folder(self, path: Path) -> None:
        self._step(takes_space=not path.is_dir())
        super().folder(path)

    def rename(self, old: Path, new: Path) -> None:
        self._step(takes_space=False)
        aside = new.with_name(f"{new.name}~{self.count}")
        if new.is_symlink() or new.is_file():
            shutil.copy2(new, aside, follow_symlinks=False)
        super().rename(old, new)

        def undo() -> None:
            if new.exists() or new.is_symlink():
                new.rename(old)
            if aside.exists() or aside.is_symlink():
                aside.replace(new)

        self._loose.append(_Done(new.parent, undo))

    def symlink(self, path: Path, target: str) -> None:
        self._step(takes_space=True)
        super().symlink(path, target)
        self._loose.append(_Done(path.parent, lambda: path.unlink(missing_ok=True)))

    def remove(self, path: Path) -> None:
        self._step(takes_space=False)
        super().remove(path)

    def flush(self, path: Path) -> None:
        self._step(takes_space=False)
        super().flush(path)
        self._forget(lambda place: place == path)

    def flush_all(self, path: Path) -> None:
        self._step(takes_space=False)
        self._forget(lambda place: place == path or path in place.parents)

    def _forget(self, flushed: Callable[[Path], bool]) -> None:
        self._loose = [done for done in self._loose if not flushed(done.place)]


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
