"""Touchpoints as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.touchpoints.decisions import define
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.journal import Tx
from words.languages import in_words

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the touchpoints; only what differs becomes a fact."""
    define(
        tx,
        [
            TouchpointDefined(
                touchpoint=point.id,
                purpose=point.purpose,
                zone=point.zone,
                label=in_words(point.label),
                at=point.at,
                device=point.device,
            )
            for point in settings.touchpoints
        ],
    )
