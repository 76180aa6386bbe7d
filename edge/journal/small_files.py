"""Small JSON files that one process leaves for others and for its next start: what is wrong costs itself alone.

A later build wrote more into them, or something else into a field; a power cut left half of one, or zeros. Whoever
reads one goes on with what is good of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from device_drivers.contract.salvage import members
from device_drivers.contract.values import ContractError

MAX_BYTES: Final = 4 << 20
"""More is none of ours, whatever it is."""
Kind = TypeVar("Kind", bound=msgspec.Struct)


def read(path: Path, kind: type[Kind]) -> Kind | None:
    """Returns what a file says; a field that cannot be read has its default. None where there is no such file, nothing
    in it can be read, or a field without a default cannot.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    if len(content) > MAX_BYTES:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except (ValueError, RecursionError):
        return _readable_fields(content, kind)


def _readable_fields(content: bytes, kind: type[Kind]) -> Kind | None:
    good: dict[str, Any] = {}
    try:
        found = members(content)
        for field in msgspec.structs.fields(kind):
            if (raw := found.get(field.encode_name)) is not None:
                try:
                    good[field.name] = msgspec.json.decode(raw, type=field.type)
                except (ValueError, RecursionError):
                    continue
        return kind(**good)
    except (ContractError, TypeError):  # no object; a field without a default is missing
        return None
