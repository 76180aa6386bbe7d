"""Tables of secrets in TOML, which somebody may have opened with an editor: read, or a sentence that names the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from edge.errors import StorekeeperError

T = TypeVar("T")


class DamagedSecret(StorekeeperError, ValueError):
    """A file of secrets cannot be read: which, and what was expected. What stands in it is never said."""


def table(path: Path, content: bytes) -> dict[str, Any]:
    """What a file says; a byte order mark, which some editors write, is no part of it. Raises `DamagedSecret`."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        why = f"expected UTF-8 text, found byte {content[error.start]:#04x}: save the file as UTF-8"
    except (ValueError, RecursionError) as error:
        why = f"expected TOML: {error}"
    raise DamagedSecret(f"{path}: {why}")


def typed(path: Path, content: bytes, kind: type[T]) -> T:
    """The same, as a type. Raises `DamagedSecret`."""
    try:
        return msgspec.convert(table(path, content), kind)
    except msgspec.ValidationError as error:
        raise DamagedSecret(f"{path}: {error}") from None
