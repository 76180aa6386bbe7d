"""A finding: one sentence about this box, how good it is, and what to do about it."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from words.languages import FALLBACK
from words.sentences import has, say


class Health(enum.IntEnum):
    """How good a finding is."""

    WELL = 0
    NOTE = 1
    ILL = 2


class Finding(msgspec.Struct, frozen=True):
    """One sentence about this box."""

    health: Health
    text: str
    """In English, for the terminal; it says what to do as well."""
    part: str = ""
    """What it is about: `clock`, `disk`, `backup` …; the same as long as Storekeeper examines it."""
    code: str = ""
    """Names its sentence in `words/<language>/it.toml`, `it.found.<code>`, and what to do, `it.todo.<code>`. Empty
    where there is the English text alone."""
    details: dict[str, Any] = {}
    """What fills the gaps of its sentence, and what a program may want to know besides."""


def found(health: Health, part: str, code: str, /, **details: Any) -> Finding:
    """Returns a finding that pages can say in every language. What to do goes with it unless all is well."""
    text = f"{part.replace('_', ' ')}: {say(FALLBACK, f'it.found.{code}', **details)}"
    if health is not Health.WELL and has(f"it.todo.{code}"):
        text = f"{text} {say(FALLBACK, f'it.todo.{code}', **details)}"
    return Finding(health, text, part, code, details)
