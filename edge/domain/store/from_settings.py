"""Zones as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.store.decisions import define_zones
from edge.domain.store.facts import ZoneDefined
from edge.journal import Tx
from words.languages import in_words

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the zones; only what differs becomes a fact."""
    define_zones(tx, [ZoneDefined(zone=zone.id, name=in_words(zone.name), plan=zone.plan) for zone in settings.zones])
