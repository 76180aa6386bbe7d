"""A version's file on its way to this box: never faster than agreed, gone on with where it stopped, and proven."""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from tuf.api.exceptions import DownloadError, LengthOrHashMismatchError
from tuf.api.metadata import TargetFile

from operations.updates.source import PIECE, below, opened
from operations.updates.trial import UpdateError

SHORT_S: Final = 0.25
"""A pause that keeps to the pace is at least so long: fewer, longer ones ask less of a small box."""


class RateLimit:
    """Keeps to a number of bytes a second, counted over the whole of it; 0 is as fast as it goes."""

    def __init__(self, per_s: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self._per_s = per_s
        self._sleep = sleep
        self._began = time.monotonic()
        self._bytes = 0

    def took(self, count: int) -> None:
        """So many bytes came: wait until they may have come."""
        self._bytes += count
        if self._per_s:
            ahead = self._bytes / self._per_s - (time.monotonic() - self._began)
            if ahead > SHORT_S:
                self._sleep(ahead)


def fetch(
    base: str, target: TargetFile, folder: Path, pace: RateLimit, go_on: Callable[[], bool] = lambda: True
) -> Path:
    """Returns the whole, proven file. Raises `UpdateError`; what came stays for the next time.

    `go_on` is asked after each piece, for those who download at night alone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = folder / Path(target.path).name
    if whole.is_file() and _proven(whole, target):
        return whole
    part = folder / f"{target.hashes['sha256']}.part"
    for other in folder.iterdir():
        if other != part and other.is_file():
            other.unlink()  # of a version that nobody waits for any more
    name = f"{target.hashes['sha256']}.{Path(target.path).name}"
    _get(below(base, "targets", name), part, target.length, pace, go_on)
    have = part.stat().st_size
    if have < target.length:
        raise UpdateError(f"the download stopped: {have} of {target.length} bytes are here; it goes on from there")
    if not _proven(part, target):
        part.unlink()
        raise UpdateError(
            f"{name} is not what the index proves: it was damaged on its way, or changed; nothing of it is kept"
        )
    part.replace(whole)
    return whole


def _get(url: str, part: Path, length: int, pace: RateLimit, go_on: Callable[[], bool]) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have >= length:
        return
    try:
        answer, start = opened(url, have)
        with closing(answer), part.open("r+b" if part.exists() else "wb") as file:
            file.truncate(start)
            file.seek(start)
            for piece in _pieces(answer, length - start):
                file.write(piece)
                pace.took(len(piece))
                if not go_on():
                    raise UpdateError(f"{file.tell()} of {length} bytes are here; it goes on in the next night")
    except DownloadError as error:
        raise UpdateError(f"the download stopped: {error}") from None
    except (OSError, http.client.HTTPException) as error:
        raise UpdateError(f"the download stopped: {error}; what came stays, and it goes on from there") from None


def _pieces(answer: IO[bytes] | http.client.HTTPResponse, most: int) -> Iterator[bytes]:
    """At most so many bytes, whatever is sent."""
    while most > 0 and (piece := answer.read(min(PIECE, most))):
        most -= len(piece)
        yield piece


def _proven(path: Path, target: TargetFile) -> bool:
    try:
        with path.open("rb") as file:
            target.verify_length_and_hashes(file)
    except (LengthOrHashMismatchError, OSError):
        return False
    return True


def sha256(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
