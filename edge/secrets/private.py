"""The data folder belongs to the store's user alone: files 0600, folders 0700, from the first byte.

The journal names no number, but it does say who was where and when, and a backup of it is as much worth to a thief as
the box. SQLite gives its `-wal` and `-shm` the rights of the file that they belong to.

On an installed box sync has a user of its own and must read the journal. There root makes the folder 2750: the setgid
bit says that its group may read what is told to it (`database`, `mode_in`), and still nothing else. The folder of the
settings is told the same way: all services are in its group, and nobody else on the box reads a camera's password.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

OTHERS: Final = 0o077
"""What nobody but the owner may."""
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")
_DATABASE: Final = "storekeeper.db"
_JOURNAL: Final = (*(_DATABASE + more for more in _BESIDE), "sync.json")


def make_private(data: Path) -> None:
    """From now on this process makes private files only; what lies in `data` already is mended where it is ours."""
    os.umask(OTHERS)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, mode in open_to_others(data):
        # What belongs to another user, or went away meanwhile, is not for us to mend; `doctor` names it.
        with suppress(OSError):
            path.chmod(mode & ~OTHERS | mode & _group_may(data, path))
    if os.geteuid() == 0 and data.stat().st_uid != 0:
        atexit.register(chown_to_owner, data)


def open_to_others(data: Path) -> Iterator[tuple[Path, int]]:
    """Every folder and file of `data` with rights for others, and its mode. Links are not followed."""
    for folder, _, names in os.walk(data):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            try:
                mode = path.lstat().st_mode
            except OSError:
                continue
            if mode & OTHERS & ~_group_may(data, path) and not path.is_symlink():
                yield path, mode & 0o7777


def database(path: Path) -> None:
    """Make an SQLite file private, or mend it, before SQLite opens it."""
    mode = mode_in(path.parent) if path.name == _DATABASE else 0o600
    with suppress(OSError):  # Whatever is wrong with the place, SQLite has the better sentence.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
        chown_like_folder(handle, path.parent)
        os.close(handle)
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).chmod(mode)


def mode_in(folder: Path) -> int:
    """The mode of a file in `folder` that the folder's group may read, where it has one."""
    return 0o640 if _has_group(folder) else 0o600


def chown_to_owner(data: Path) -> None:
    """Whatever root has made in the folder of a service's user, files and folders, is that user's from now on."""
    owner = data.stat()
    for _, folders, files, at in os.fwalk(data):
        for name in (*folders, *files):
            with suppress(OSError):
                found = os.stat(name, dir_fd=at, follow_symlinks=False)
                if found.st_uid == 0 and not stat.S_ISLNK(found.st_mode) and (found.st_nlink == 1 or name in folders):
                    os.chown(name, owner.st_uid, owner.st_gid, dir_fd=at, follow_symlinks=False)


def chown_like_folder(handle: int, folder: Path) -> None:
    """What root makes in the folder of a service's user is that user's: else the service could not read it."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One after the other, whoever changes what lies in `folder`: what is read in here is still so when it is written,
    and of two commands at once neither undoes the other. Waits; makes the folder. Raises `OSError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` in one step by a file with mode 0600; a crash leaves the old one or the new one, whole.

    When this returns it is the new one, also after a power cut: who was dismissed does not come back.
    """
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    chown_like_folder(descriptor, path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        fsync_file(file)
    new.replace(path)
    fsync_path(path.parent)


def fsync_file(file: IO[Any]) -> None:
    """All that was written to an open file is on the disk when this returns. Raises `OSError`."""
    file.flush()
    os.fsync(file.fileno())


def fsync_path(path: Path) -> None:
    """A file's content, or a folder's names, are on the disk when this returns. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _has_group(folder: Path) -> bool:
    with suppress(OSError):
        shared = stat.S_ISGID | stat.S_IXGRP
        return folder.stat().st_mode & shared == shared
    return False


def _group_may(data: Path, path: Path) -> int:
    if not _has_group(data):
        return 0
    if path == data:
        return 0o050
    return 0o040 if path.parent == data and path.name in _JOURNAL else 0
