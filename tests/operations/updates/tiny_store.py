"""A store that is nothing but a version that runs: the step machine's other side, quick enough to try every moment.

`tests/operations/updates/test_update.py` has the real one; here only the order of steps is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.operations.updates.faulty_disk import FaultyDisk

GOOD, NEXT, AFTER, BROKEN = "1.0.0", "1.1.0", "1.1.1", "1.2.0"


class TinyStore:
    """What runs is what `current` led to when it was opened. A version of `ill` is never well."""

    closed_ms = 7

    def __init__(self, root: Path, ill: tuple[str, ...] = (BROKEN,)) -> None:
        self._root = root
        self._ill = ill
        self.running: str | None = self._target()
        self.disk: FaultyDisk | None = None

    def _target(self) -> str | None:
        return (self._root / "current").readlink().name

    def remember(self, old: str, new: str) -> None:
        """Nothing to copy."""

    def _moment(self) -> None:
        """A kill or a power cut may come here as well."""
        if self.disk is not None:
            self.disk._step(takes_space=False)

    def close(self) -> None:
        self._moment()
        self.running = None
        self._moment()

    def open(self) -> None:
        self._moment()
        self.running = self._target()
        self._moment()

    def unwell(self) -> str:
        self._moment()
        return "it does not start" if self.running in self._ill else ""

    def turn_back(self) -> None:
        self._moment()

    def recover(self, old: str) -> str:
        return f"{old} is ill"

    def boot(self) -> None:
        """The box has power again: what `current` leads to is started."""
        self.running = self._target()


def lay(root: Path, *versions: str) -> None:
    """A folder of versions, the first of which runs."""
    for version in versions:
        program = root / version / "bin" / "storekeeper"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {version}\n")
    (root / "current").symlink_to(versions[0])
