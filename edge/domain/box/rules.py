"""What a fact of the box is about."""

from __future__ import annotations

from typing import Final

from edge.journal.entry import Fact, tag

HOUR_MS: Final = 60 * 60 * 1000
NOTED: Final = "noted"
"""What happens to a subject once somebody has seen its trouble."""


def words_of(fact: type[Fact]) -> tuple[str, str]:
    """Returns the subject of a fact and what happened to it: `("settings", "applied")`."""
    subject, happened, _ = tag(fact).split(".")
    return subject, happened
