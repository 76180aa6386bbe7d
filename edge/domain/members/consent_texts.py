"""The texts that a consent is given to: which there are, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Purpose = Literal["service", "marketing"]
"""What a consent is for. Each is asked for, and taken back, by itself."""
Text = Literal["terms", "privacy", "marketing"]
PURPOSES: Final[Mapping[Text, Purpose]] = {"terms": "service", "privacy": "service", "marketing": "marketing"}
"""Which consent covers a text."""


class PublishedText(msgspec.Struct, frozen=True):
    """A version of a text that is in force."""

    text: Text
    purpose: Purpose
    version: str
    digest: str
    """SHA-256 of what shoppers are shown."""
