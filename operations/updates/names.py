"""The names of versions, and which of two is the later."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:(a|b|rc)(\d{1,4}))?(?:\.?(post|dev)(\d{1,6}))?")
_STAGES: Final = {"dev": 0, "a": 1, "b": 2, "rc": 3, None: 4}


def is_name(text: str) -> bool:
    """Whether this names a version, such as `1.4.0` or `1.4.0rc2`."""
    return NAME.fullmatch(text) is not None


def age(version: str) -> tuple[int, ...]:
    """Returns what orders versions: a later one has a greater age. Raises `ValueError` for no version's name."""
    found = NAME.fullmatch(version)
    if found is None:
        raise ValueError(f'expected a version such as "1.4.0"; found "{version[:40]}"')
    major, minor, patch, stage, number, more, count = found.groups()
    if more == "dev" and stage is None:
        stage, number = "dev", count
    after = int(count) + 1 if more == "post" else 0
    return (int(major), int(minor), int(patch), _STAGES[stage], int(number or 0), after)
