"""What a gateway is told by whoever starts it, and tells back: on record, to staff, and once it is open."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from edge.domain.box.facts import SettingsFellBack
from edge.domain.needs import SOON, Need
from edge.journal.entry import Fact
from operations.floor.workshop import Workshop
from operations.leases.wishing import Ask

FIRST_CHARACTERS: Final = 300


class Startup(msgspec.Struct, frozen=True):
    """One start of a gateway."""

    opened: Callable[[], None] = lambda: None
    """Called once the store is open, and whenever it has taken in new content: the files of the settings are good."""
    facts: tuple[Fact, ...] = ()
    """What goes on record once it is open."""
    needs: tuple[Need, ...] = ()
    """What staff must see for as long as it runs."""
    workshop: Workshop | None = None
    """What its setup page asks of the box."""
    ask: Ask | None = None
    """Where parts of shared budgets are asked for."""


def fell_back(why_not: Sequence[str], mended: Sequence[str], sha256: str) -> tuple[tuple[Fact, ...], tuple[Need, ...]]:
    """The fact and the needs of a store that opens with its last good settings, with what of them was `mended`; none
    where those in force are used.
    """
    said = {"fell_back": why_not, "mended": mended}
    now = time.time_ns() // 1_000_000
    needs = tuple(
        Need(f"settings/{how}", SOON, "", f"settings_{how}", now, _details(sentences))
        for how, sentences in said.items()
        if sentences
    )
    return (SettingsFellBack(sha256=sha256, **_details(why_not)),) if why_not else (), needs


def _details(sentences: Sequence[str]) -> dict[str, Any]:
    return {"mistakes": len(sentences), "first": sentences[0][:FIRST_CHARACTERS]}
