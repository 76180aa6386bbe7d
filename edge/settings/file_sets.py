"""The files of a store's settings as one thing: read, compared by a hash, written so that a crash leaves no half."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.secrets.private import fsync_file, fsync_path
from edge.settings.toml_files import LARGEST

FILES: Final = ("store.toml", "devices.toml", "gateway.toml", "playlists.toml", "media.toml")
CONTENT: Final = ("playlists.toml", "media.toml")
"""Those of them that a store takes in as it runs."""
FOLDERS: Final = ("campaigns", "texts")
"""Folders beside them whose TOML files belong to the settings. Everything else in the folder is left alone."""
MAX_FILES: Final = 500
"""Files of one store's settings; more is somebody's home folder."""

Files = Mapping[str, bytes]
"""By name, such as `store.toml` or `campaigns/spring.toml`, what stands in it."""


def read(folder: Path) -> dict[str, bytes]:
    """The settings in `folder`, as far as they are there; no links, nothing that is too large. Raises `OSError`."""
    found: dict[str, bytes] = {}
    for path in _paths(folder):
        content = _content(path)
        if content is not None:
            found[path.relative_to(folder).as_posix()] = content
        if len(found) > MAX_FILES:
            raise OSError(f"expected the settings of a store, found more than {MAX_FILES} TOML files")
    return found


def links(folder: Path) -> list[str]:
    """Names of settings in `folder` that are links, which `read` leaves out. Raises `OSError`."""
    return [path.relative_to(folder).as_posix() for path in _paths(folder) if path.is_symlink()]


def within(folder: Path) -> list[Path]:
    """The TOML files of a folder beside the settings; none where there is none. Raises `OSError`."""
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(".toml"))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _paths(folder: Path) -> list[Path]:
    there = [folder / name for name in FILES if os.path.lexists(folder / name)]
    return [*there, *sorted(path for name in FOLDERS for path in within(folder / name))]


def _content(path: Path) -> bytes | None:
    """What stands in a plain file; a link could lead to what is nobody's business."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        if path.is_symlink():
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(LARGEST + 1)
    return content if len(content) <= LARGEST else None


def digest(files: Files) -> str:
    """SHA-256 over names and contents, hexadecimal."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return total.hexdigest()


def without_content(files: Files) -> Files:
    """The files that need a start to come into force."""
    return {name: content for name, content in files.items() if name not in CONTENT}


def write(folder: Path, files: Files) -> None:
    """Make the files of `folder` exactly these; owner and rights of what is replaced stay. The first takes its place
    when all of them are on the disk: a full one changes nothing.

    Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    laid: list[tuple[Path, Path]] = []
    try:
        for name, content in files.items():
            if new := _laid(folder / name, content):
                laid.append((new, folder / name))
    except OSError:
        for new, _ in laid:
            new.unlink(missing_ok=True)
        raise
    for new, path in laid:
        new.replace(path)
    for name in read(folder).keys() - files.keys():
        (folder / name).unlink()
    fsync_path(folder)


def put(path: Path, content: bytes) -> None:
    """Make a file of the settings exactly this, in one step, owned like its neighbours. Raises `OSError`."""
    if new := _laid(path, content):
        new.replace(path)


def _laid(path: Path, content: bytes) -> Path | None:
    """The file that takes this one's place, on the disk beside it; none where this one is the same already."""
    if not path.parent.exists():
        path.parent.mkdir()
        _alike(path.parent, path.parent.parent.stat())
    before = path.lstat() if path.exists() and not path.is_symlink() else None
    if before is not None and _content(path) == content:
        return None
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            model = before or _neighbour(path)
            if model is not None:
                _alike(descriptor, model)
            fsync_file(file)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    return new


def _neighbour(path: Path) -> os.stat_result | None:
    """A file of the same settings: who may read it may read this one."""
    for folder in (path.parent, path.parent.parent):
        for name in FILES:
            if (folder / name).is_file() and not (folder / name).is_symlink():
                return (folder / name).stat()
    return None


def _alike(what: Path | int, model: os.stat_result) -> None:
    with suppress(PermissionError):  # not root: it is ours anyhow
        os.chown(what, model.st_uid, model.st_gid)
    mode = stat.S_IMODE(model.st_mode)
    if isinstance(what, int):
        os.fchmod(what, mode)
    else:
        what.chmod(mode)
