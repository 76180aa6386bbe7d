"""Files that are given on the command line: a real one, `-`, or whatever a pipe gives."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.cli.exits import FAILED, fail

LARGEST_PIPE: Final = 1 << 30
"""Bytes. A device such as /dev/zero never ends."""


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Gives the file, or a copy of what comes through a pipe: a table is looked at more than once.

    Ends the command where there is no such file, or where more than `LARGEST_PIPE` comes.
    """
    if file.is_file():
        yield file
        return
    if file.is_dir() or (str(file) != "-" and not file.exists()):
        fail(f"{file}: {'a folder, expected a file' if file.is_dir() else 'there is no such file'}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "table"
        left = LARGEST_PIPE
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source, copy.open("wb") as target:
            while left > 0 and (piece := source.read(min(left, 1 << 20))):
                left -= target.write(piece)
        if left <= 0:
            fail(f"{file}: more than {LARGEST_PIPE >> 20} MiB come through the pipe; import a file instead", FAILED)
        yield copy
