"""Root's secrets on an installed box, sealed to that box: `store.key.cred` instead of `store.key`.

`systemd-creds` seals them with the box's TPM where there is one, and with the key of its installation. systemd opens
each for its unit (`LoadCredentialEncrypted`); root at a terminal opens it here. A disk that was pulled out of a box
with a TPM, or a copy of `/etc` of any box, opens nothing. The TPM is not asked what the box booted: a new firmware must
not close a store.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.secrets.private import write_private

SUFFIX: Final = ".cred"
_PROGRAM: Final = "systemd-creds"
_PATIENCE_S: Final = 60
"""A TPM takes a second or two for each, and may be busy."""


class CannotOpen(OSError):
    """A sealed secret does not open on this box."""


def can_seal() -> bool:
    """Whether this box can seal: root, with a systemd that can."""
    return os.geteuid() == 0 and shutil.which(_PROGRAM) is not None and _run("encrypt", "trial", b"x").returncode == 0


def sealed_path(path: Path) -> Path:
    """Where a secret lies that is sealed."""
    return path.with_name(path.name + SUFFIX)


def exists(path: Path) -> bool:
    """Whether there is one at `path`, sealed or in clear."""
    return path.exists() or sealed_path(path).exists()


def read(path: Path) -> bytes:
    """What is kept at `path`. Raises `OSError`, also for one that another box sealed."""
    try:
        content = sealed_path(path).read_bytes()
    except FileNotFoundError:
        return path.read_bytes()
    done = _run("decrypt", sealed_path(path).name, content)
    if done.returncode:
        raise CannotOpen(0, "it was sealed by another box, or the box has lost its TPM's key", str(sealed_path(path)))
    return done.stdout


def write(path: Path, content: bytes) -> None:
    """Keep it at `path`, sealed; what lay there in clear goes. Raises `OSError`."""
    done = _run("encrypt", sealed_path(path).name, content)
    if done.returncode:
        raise CannotOpen(0, done.stderr.decode(errors="replace").strip() or "systemd-creds fails", str(path))
    write_private(sealed_path(path), done.stdout)
    path.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Keep it the way that the one before was kept. Raises `OSError`."""
    (write if sealed_path(path).exists() else write_private)(path, content)


def seal_all(folder: Path) -> None:
    """Whatever lies in and below `folder` in clear. Raises `OSError`."""
    for path in in_clear(folder):
        write(path, path.read_bytes())


def in_clear(folder: Path) -> list[Path]:
    """Secrets in and below `folder` that are not sealed."""
    return [path for path in sorted(folder.rglob("*")) if path.suffix != SUFFIX and path.is_file()]


def names(folder: Path) -> Iterator[Path]:
    """Every secret in and below `folder`, sealed or in clear, by its name in clear."""
    found = (path for path in folder.rglob("*") if path.is_file())
    yield from sorted({path.with_suffix("") if path.suffix == SUFFIX else path for path in found})


def _run(act: str, name: str, content: bytes) -> subprocess.CompletedProcess[bytes]:
    """The name is sealed with it, so that none is passed for another."""
    more = ["--tpm2-pcrs="] if act == "encrypt" else []  # no state of the boot is asked
    command = [_PROGRAM, act, f"--name={name}", *more, "-", "-"]
    try:
        return subprocess.run(command, input=content, capture_output=True, check=False, timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, b"", str(error).encode())
