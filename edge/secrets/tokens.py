"""Files of bearer tokens: who may come in, one token each, kept as its SHA-256.

A token is 32 random bytes, so a plain hash is enough; the file opens nothing to whoever reads it. A change takes effect
with the next question.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from edge.secrets import tables
from edge.secrets.private import alone, write_private

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """Name → hash of its token; empty where there is no file. Raises `ValueError` and `OSError`."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return {}
    return dict(_read(path, there.st_ino, there.st_mtime_ns, there.st_size))


@lru_cache(8)
def _read(path: Path, *_state: int) -> dict[str, str]:
    """Remembered until the file is another one: each question of a till asks twice."""
    return {str(name): str(found) for name, found in tables.table(path, path.read_bytes()).items()}


def add(path: Path, name: str, head: str, token: str | None = None) -> str:
    """A new token, the only time that it is seen; an earlier one of the name is good no more. `head` explains the file
    to whoever opens it.
    """
    token = token or secrets.token_urlsafe(32)
    with alone(path.parent):
        _write(path, {**read(path), name: _hash(token)}, head)
    return token


def remove(path: Path, name: str, head: str) -> bool:
    """The token is good no more. False where there was none."""
    if name not in read(path):
        return False
    with alone(path.parent):
        _write(path, {each: found for each, found in read(path).items() if each != name}, head)
    return True


def who(path: Path, token: str) -> str | None:
    """Whose token this is."""
    found = _hash(token)
    return next((name for name, known in read(path).items() if hmac.compare_digest(known, found)), None)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _write(path: Path, tokens: dict[str, str], head: str) -> None:
    lines = "".join(f'{name} = "{found}"\n' for name, found in sorted(tokens.items()))
    write_private(path, (head + lines).encode())
