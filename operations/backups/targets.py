"""Where copies go: a folder, a USB stick by its label, a restic repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from operations.backups.errors import BackupError, TargetAway

BY_LABEL: Final = Path("/dev/disk/by-label")
MOUNTS: Final = Path("/proc/self/mounts")
RESTIC: Final = "restic:"
USB: Final = "usb:"


def is_restic(target: str) -> bool:
    """Whether it names a restic repository."""
    return target.startswith(RESTIC)


def folder_of(target: str) -> Path:
    """The folder of a target that is one: a path, or the root of the stick with this label. Raises `TargetAway`."""
    folder = _stick(target.removeprefix(USB)) if target.startswith(USB) else path_of(target)
    if not folder.is_dir():
        raise TargetAway(
            f"{target}: expected a folder that is there; make it once, so that no copy lands beside a mount"
        )
    if not os.access(folder, os.W_OK):
        raise TargetAway(f"{target}: this folder cannot be written to")
    return folder


def path_of(name: str) -> Path:
    """The path of a folder or a copy as somebody typed it. Raises `TargetAway`."""
    if not name.strip():  # a variable of the shell that is not set: it would be the folder one stands in
        raise TargetAway(f'expected a folder such as "/mnt/copies"; found "{name}"')
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise TargetAway(f"{name}: expected a folder that is there; nobody here is called so") from None


def is_beside(folder: Path, data: Path) -> bool:
    """Whether a copy there dies with the disk that it is a copy of."""
    return folder.stat().st_dev == data.stat().st_dev


def _stick(label: str) -> Path:
    device = BY_LABEL / label
    if not device.exists():
        raise TargetAway(f"usb:{label}: no stick with this label is plugged in")
    wanted = device.resolve()
    for line in MOUNTS.read_text("utf-8", "replace").splitlines():
        source, place, *_ = line.split(" ")
        if source.startswith("/dev/") and Path(source).resolve() == wanted:
            return Path(place.replace("\\040", " "))
    raise TargetAway(f"usb:{label}: the stick is there and not mounted: `mount /dev/disk/by-label/{label} /mnt`")


def restic(repository: str, password_file: Path, *arguments: str) -> str:
    """What restic says. Raises `TargetAway` with its own word, `BackupError` where it is not installed."""
    program = shutil.which("restic")
    if program is None:
        raise BackupError("restic is not installed: apt install restic")
    environment = {**os.environ, "RESTIC_REPOSITORY": repository, "RESTIC_PASSWORD_FILE": str(password_file)}
    done = subprocess.run(
        [program, "--quiet", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise TargetAway(f"restic:{repository}: {said[-1] if said else 'it failed without a word'}")
    return done.stdout
