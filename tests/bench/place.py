"""Where the benches keep their files: on a real disk, in a folder that is removed in the end."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PLACE: Final = "STOREKEEPER_BENCH_PLACE"
"""Environment variable: the folder to use where the cache folder is not on the disk that is to be measured."""
_NO_DISK: Final = frozenset({"tmpfs", "ramfs", "overlay"})


def cache() -> Path:
    """What may stay between runs: the peer's packages."""
    chosen = os.environ.get(PLACE)
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    folder = base / "storekeeper-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def on_disk() -> Iterator[Path]:
    """An empty folder. Raises `SystemExit` where a commit would not reach a disk."""
    kind = filesystem(cache())
    if kind in _NO_DISK:
        raise SystemExit(f"{cache()} is on {kind}: set {PLACE} to a folder on a real disk")
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=cache()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def filesystem(folder: Path) -> str:
    """The kind of file system that holds the folder; "unknown" where the system does not say."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    holders = [(point, kind) for _, point, kind, *_ in mounts if folder.resolve().is_relative_to(point)]
    return max(holders, key=lambda holder: len(holder[0]))[1] if holders else "unknown"


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections take by themselves meanwhile."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
