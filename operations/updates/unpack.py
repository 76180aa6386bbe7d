"""A proven file becomes a version on the disk: beside the others, whole or not at all.

It is a tar of the versioned tree, or the Debian package that has the same tree in it (`./opt/storekeeper/<version>/`).
Of a package nothing but that tree is taken: what else it brings is apt's to install, whenever it does.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from operations.updates.disk import Disk
from operations.updates.trial import UpdateError
from operations.updates.versions import PROGRAM, Versions

SPARE: Final = 64 * 1024 * 1024
"""Bytes that must be left on the disk beside the new version."""
_ROOT: Final = PurePosixPath("opt/storekeeper")


def unpack(file: Path, version: str, versions: Versions, disk: Disk, size: int = 0) -> None:
    """Lay the version beside the others. Raises `UpdateError`, `OSError`; then nothing of it is left."""
    if versions.has(version):
        return
    part = versions.root / f".part-{version}"
    disk.remove(part)
    free = shutil.disk_usage(versions.root).free
    if size and free < size + SPARE:
        raise UpdateError(
            f"{version} needs {size >> 20} MB below {versions.root} and some to spare, and {free >> 20} MB are free"
        )
    try:
        disk.folder(part)
        _extract(file, version, part)
        # All of it is on the disk before it has its name: a name is a promise.
        disk.flush_all(part)
        disk.rename(part, versions.root / version)
        disk.flush(versions.root)
    except (OSError, UpdateError):
        shutil.rmtree(part, ignore_errors=True)
        raise


def size_of(file: Path, version: str) -> int:
    """How many bytes a version takes when it is unpacked. Raises `UpdateError`."""
    try:
        with _as_tar(file) as stream, tarfile.open(fileobj=stream, mode="r|*") as tar:
            return sum(member.size for member in tar if _name_below(PurePosixPath(member.name), version) is not None)
    except (tarfile.TarError, EOFError) as error:
        raise UpdateError(f"{file.name} cannot be read: {error}") from None


def _extract(file: Path, version: str, into: Path) -> None:
    try:
        with _as_tar(file) as stream, tarfile.open(fileobj=stream, mode="r|*") as tar:
            for member in tar:
                name = _name_below(PurePosixPath(member.name), version)
                if name is not None:
                    # `tar` refuses what would leave the folder, devices, and rights for everybody.
                    tar.extract(member.replace(name=name), into, filter="tar")
    except (tarfile.TarError, EOFError) as error:
        raise UpdateError(f"{file.name} cannot be unpacked: {error}") from None
    if not (into / PROGRAM).is_file():
        raise UpdateError(f"{file.name} has no {PROGRAM} of version {version}: it was made wrongly")


@contextmanager
def _as_tar(file: Path) -> Iterator[IO[bytes]]:
    if file.suffix != ".deb":
        with file.open("rb") as stream:
            yield stream
        return
    command = ["dpkg-deb", "--fsys-tarfile", str(file)]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise UpdateError(f"{file.name} is a Debian package, and dpkg-deb is not on this box") from None
    with process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        yield process.stdout
        process.stdout.close()
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode not in (0, -13, 2):
        raise UpdateError(f"{file.name} cannot be unpacked: {said.strip()[:200]}")


def _name_below(name: PurePosixPath, version: str) -> str | None:
    """A member's name below the version's folder; none for whatever is not in it."""
    parts = [part for part in name.parts if part not in (".", "/")]
    root = [*_ROOT.parts, version]
    for start in (root, root[-1:]):
        if parts[: len(start)] == start:
            return "/".join(parts[len(start) :]) or "."
    return None
