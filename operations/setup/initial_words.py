"""The first PIN and the first password, made by the box and shown once."""

from __future__ import annotations

import secrets
from typing import Final

from edge.secrets.weak_pins import MIN_DIGITS, weakness

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what looks alike on paper: i, l, o, 0, 1."""


def new_pin() -> str:
    """Six digits that nobody tries first."""
    while weakness(pin := "".join(secrets.choice("0123456789") for _ in range(MIN_DIGITS))):
        continue
    return pin


def new_password() -> str:
    """Four groups of four: 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
