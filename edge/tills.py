"""Tills that may order slips over HTTP: one token each in `<data>/secrets/tills.toml`, kept as its SHA-256.

A token is 32 random bytes, so a plain hash is enough; the file opens nothing to whoever reads it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from pathlib import Path
from typing import Final

from edge.credentials import write_private

HEAD: Final = "# Tills that may order slips, each with the SHA-256 of its token. Made by `storekeeper tills add`.\n"


def file_of(data: Path) -> Path:
    """Where the tills of that data folder stand."""
    return data / "secrets" / "tills.toml"


def read(path: Path) -> dict[str, str]:
    """Till → hash of its token; empty where there is no file. Raises `ValueError` and `OSError`."""
    if not path.exists():
        return {}
    return {str(till): str(found) for till, found in tomllib.loads(path.read_text("utf-8")).items()}


def add(path: Path, till: str) -> str:
    """A new token for a till, the only time that it is seen; an earlier one is good no more."""
    token = secrets.token_urlsafe(32)
    _write(path, {**read(path), till: _hash(token)})
    return token


def remove(path: Path, till: str) -> bool:
    """The till's token is good no more. False where there was none."""
    known = read(path)
    if known.pop(till, None) is None:
        return False
    _write(path, known)
    return True


def who(path: Path, token: str) -> str | None:
    """The till whose token this is. A change of the file takes effect with the next question."""
    found = _hash(token)
    return next((till for till, known in read(path).items() if hmac.compare_digest(known, found)), None)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _write(path: Path, tills: dict[str, str]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = "".join(f'{till} = "{found}"\n' for till, found in sorted(tills.items()))
    write_private(path, (HEAD + lines).encode())
