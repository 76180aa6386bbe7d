"""Campaigns as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.campaigns.decisions import activate
from edge.domain.campaigns.rules import BY_SETTINGS
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Put the campaigns of the settings into force; only what differs becomes a fact."""
    activate(tx, settings.campaigns, BY_SETTINGS)
