"""Playlists: published from the settings, withdrawn by staff."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.playlists import tables
from edge.domain.playlists.facts import ContentRestored, ContentWithdrawn, PlaylistEnded, PlaylistPublished
from edge.domain.playlists.from_settings import take_over

NOUN: Final = Noun(
    name="playlists",
    rules=1,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    take_over=(take_over,),
    api=("edge.web.api.content:router",),
    pages=("edge.web.pages.staff_playlists.page:PAGE",),
    notices={"screens": (PlaylistPublished, PlaylistEnded, ContentWithdrawn, ContentRestored)},
)
