"""The list of erasures: a file beside the journal that outlives every restore.

It names random ids alone. A backup of the journal may hold persons who were erased since; the store carries their
erasure out again before it does anything else. So a restore brings back the journal and leaves this file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from edge.secrets.private import fsync_file

NAME: Final = "erased.txt"
HEAD: Final = "# Persons who were erased, by random ids. Keep this file when a backup is restored: docs/privacy.md\n"


class ErasureList:
    """The file in a data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / NAME

    def read(self) -> list[str]:
        """Everybody on it, in order; empty where there is no file. Raises `OSError`."""
        try:
            lines = self._path.read_text("ascii", "replace").splitlines()
        except FileNotFoundError:
            return []
        return [line for line in map(str.strip, lines) if line and not line.startswith("#")]

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
