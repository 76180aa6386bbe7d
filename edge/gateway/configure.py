"""What the settings say stands in the store becomes facts, as far as it is new."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.callers import asked_by
from edge.domain.noun import Noun
from edge.journal import Tx
from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings, nouns: Sequence[Noun]) -> None:
    """Take over what the settings say, noun by noun; only what differs becomes a fact."""
    for noun in nouns:
        for of_noun in noun.take_over:
            of_noun(tx, settings)
