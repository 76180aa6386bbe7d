"""Tills that may order slips over HTTP: one token each in `<data>/secrets/tills.toml` (`edge.secrets.tokens`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.secrets import tokens

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = "# Tills that may order slips, each with the SHA-256 of its token. Made by `storekeeper tills add`.\n"

read = tokens.read
who = tokens.who


def file_of(data: Path) -> Path:
    """Where the tills of that data folder stand."""
    return data / "secrets" / "tills.toml"


def add(path: Path, till: str) -> str:
    """A new token for a till, the only time that it is seen; an earlier one is good no more."""
    return tokens.add(path, till, HEAD)


def remove(path: Path, till: str) -> bool:
    """The till's token is good no more. False where there was none."""
    return tokens.remove(path, till, HEAD)
