"""Games: opened with a published root, played at a screen or on a phone, revealed with their proof."""

from __future__ import annotations

from typing import Final

from edge.domain.games import tables
from edge.domain.games.facts import GamePlayed, GameRevealed
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="games",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    api=("edge.web.api.screens.games:router",),
    pages=("edge.web.pages.play.page:PAGE", "edge.web.pages.fair.page:PAGE"),
    guarded=frozenset({GamePlayed, GameRevealed}),
)
