"""The list of erasures: a file beside the journal that outlives every restore.

It names random ids alone. A backup of the journal may hold persons who were erased since; the store carries their
erasure out again before it does anything else. So a restore brings back the journal and leaves this file.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog

from edge.secrets.private import fsync_file

log = structlog.get_logger(__name__)

NAME: Final = "erased.txt"
HEAD: Final = "# Persons who were erased, by random ids. Keep this file when a backup is restored: docs/privacy.md\n"


class ErasureList:
    """The file in a data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / NAME
        self._waiting: list[str] = []

    def read(self) -> list[str]:
        """Everybody on it, in order; empty where there is no file. Raises `OSError`."""
        try:
            lines = self._path.read_text("ascii", "replace").splitlines()
        except FileNotFoundError:
            return []
        return [line for line in map(str.strip, lines) if line and not line.startswith("#")]

    def add_soon(self, member: str) -> None:
        """Have this one on it with everybody else of the same commit, in one write. What a crash leaves out of it is
        added at the next start.
        """
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._add_waiting)
        self._waiting.append(member)

    def _add_waiting(self) -> None:
        members, self._waiting = self._waiting, []
        try:
            self.add(members)
        except OSError:
            log.exception("erasures.not_listed", count=len(members))

    def add(self, members: Iterable[str]) -> None:
        """Have these on it too; on the disk when it returns. Raises `OSError`."""
        known = set(self.read())
        fresh = [member for member in dict.fromkeys(members) if member not in known]
        if not fresh:
            return
        new = not self._path.exists()
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as file:
            # A line that a crash cut short must not swallow the next one.
            file.write((HEAD if new else "\n") + "".join(f"{member}\n" for member in fresh))
            fsync_file(file)
