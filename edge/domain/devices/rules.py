"""The rules of devices."""

from __future__ import annotations

from typing import Final

EVERY_MS: Final = 60_000
OVER_MS: Final = 5 * 60_000
"""Quiet for so long, it is over."""

MAX_REASON: Final = 200
MISSED_FOR_MS: Final = 7 * 24 * 3_600_000
"""How long staff is told of events that are missing."""
