"""The code that opens `/setup` while a store has no operator: printed once, good once, for a day."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import unicodedata
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import small_files
from edge.secrets.private import write_private

LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that look like another."""
LENGTH: Final = 12
"""58 bits."""
GOOD_S: Final = 24 * 3600
TRIES: Final = 10
"""So many wrong ones end it: another has to be printed."""


class _Kept(msgspec.Struct):
    sha256: str
    until: float
    tries: int = 0


def _path(data: Path) -> Path:
    return data / "secrets" / "setup-code.json"


def make(data: Path) -> str:
    """A new code, in place of one that was made before; in groups of four letters."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    path = _path(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, msgspec.json.encode(_Kept(_hash(code), time.time() + GOOD_S)))
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def redeem(data: Path, text: str) -> bool:
    """Whether this is the code. It is good once."""
    path = _path(data)
    kept = small_files.read(path, _Kept)
    if kept is None:
        return False
    if hmac.compare_digest(kept.sha256, _hash(text)) and time.time() < kept.until:
        path.unlink(missing_ok=True)
        return True
    kept.tries += 1
    if kept.tries >= TRIES or time.time() >= kept.until:
        path.unlink(missing_ok=True)
    else:
        write_private(path, msgspec.json.encode(kept))
    return False


def _hash(text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
