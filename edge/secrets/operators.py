"""Operators: who looks after the box. Their passwords as argon2id hashes, and the tokens of programs that read metrics.

All of it stands in `<data>/secrets/`, never in a fact, never in a log.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import tomlkit
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from edge.secrets import tables
from edge.secrets.private import alone, write_private

SHORTEST: Final = 10
LONGEST: Final = 128
"""Characters of a password; it is never cut."""
HEAD: Final = "# Who may log in at /operator. Made by `storekeeper operators add`; the hashes are secret.\n"

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
"""argon2id: 32 MB and a tenth of a second on a small box; the second recommendation of RFC 9106 halved in memory."""


class BadPassword(ValueError):
    """A password that nobody should have: what was found, what is expected."""


class OperatorEntry(msgspec.Struct, frozen=True):
    """One operator in the file."""

    name: str
    key: str
    """Names the password without telling it: another key ends the sessions that the old one opened."""
    hash: str


def file_of(data: Path) -> Path:
    """Where the operators of that data folder stand."""
    return data / "secrets" / "operators.toml"


def tokens_of(data: Path) -> Path:
    """Where the tokens of programs that may read `/metrics` stand; the form is that of `edge.secrets.tills`."""
    return data / "secrets" / "scrapers.toml"


def read(path: Path) -> dict[str, OperatorEntry]:
    """Everybody in a file; empty where there is none. Raises `ValueError` and `OSError`."""
    if not path.exists():
        return {}
    return tables.typed(path, path.read_bytes(), dict[str, OperatorEntry])


def put(path: Path, operator: str, name: str, password: str) -> None:
    """Let somebody in, or give a new password. Raises `BadPassword`."""
    check(password, operator, name)
    with alone(path.parent):
        write(path, {**read(path), operator: OperatorEntry(name, secrets.token_hex(8), _HASHER.hash(password))})


def remove(path: Path, operator: str) -> bool:
    """Let somebody in no more. False where they were no operator."""
    if operator not in read(path):
        return False
    with alone(path.parent):
        write(path, {each: entry for each, entry in read(path).items() if each != operator})
    return True


def write(path: Path, entries: Mapping[str, OperatorEntry]) -> None:
    """Replace the file in one step."""
    write_private(path, f"{HEAD}\n{as_toml(entries)}".encode())


def check(password: str, *known: str) -> None:
    """Raises `BadPassword` for one that is too short, or that says what everybody knows."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadPassword(f"expected {SHORTEST} to {LONGEST} characters, got {len(password)}")
    if len(set(password)) < 5:
        raise BadPassword(f"expected at least 5 different characters, got {len(set(password))}")
    plain = password.casefold()
    if any(len(word) > 2 and word.casefold() in plain and len(plain) - len(word) < SHORTEST - 2 for word in known):
        raise BadPassword("expected more than the operator's own name")


def is_right(entry: OperatorEntry | None, password: str) -> bool:
    """Whether this is the password. As slow for a stranger as for a wrong one; call it in a thread."""
    try:
        _HASHER.verify(entry.hash if entry else _nobody(), password[: LONGEST + 1])
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return entry is not None


_NOBODY: Final[list[str]] = []


def _nobody() -> str:
    """A hash that costs as much as anybody's, and that no password is known for."""
    if not _NOBODY:
        _NOBODY.append(_HASHER.hash(secrets.token_hex(16)))
    return _NOBODY[0]


def as_toml(entries: Mapping[str, msgspec.Struct]) -> str:
    """A table for each entry, in the order of their names."""
    return tomlkit.dumps(msgspec.to_builtins(dict(sorted(entries.items()))))
