"""The data folder belongs to the store's user alone: files 0600, folders 0700, from the first byte.

The journal names no number, but it does say who was where and when, and a backup of it is as much worth to a thief as
the box. SQLite gives its `-wal` and `-shm` the rights of the file that they belong to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

OTHERS: Final = 0o077
"""What nobody but the owner may."""
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")


def keep(data: Path) -> None:
    """From now on this process makes private files only; what lies in `data` already is mended where it is ours."""
    os.umask(OTHERS)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, mode in open_to_others(data):
        # What belongs to another user, or went away meanwhile, is not for us to mend; `doctor` names it.
        with suppress(OSError):
            path.chmod(mode & ~OTHERS)


def open_to_others(data: Path) -> Iterator[tuple[Path, int]]:
    """Every folder and file of `data` with rights for others, and its mode. Links are not followed."""
    for folder, _, names in os.walk(data):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            try:
                mode = path.lstat().st_mode
            except OSError:
                continue
            if mode & OTHERS and not path.is_symlink():
                yield path, mode & 0o7777


def database(path: Path) -> None:
    """Make an SQLite file private, or mend it, before SQLite opens it."""
    with suppress(OSError):  # Whatever is wrong with the place, SQLite has the better sentence.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).chmod(0o600)
