"""Playlists as the settings describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from edge.domain.callers import asked_by
from edge.domain.playlists.decisions import publish
from edge.domain.playlists.facts import Shown
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.playlists import ConfiguredPlaylists
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Let the playlists of the settings play; only what differs becomes a fact."""
    told = [_as_told(playlist) for playlist in settings.playing.playlists]
    media = {definition["id"]: _media_of(settings.playing, definition) for definition in told}
    publish(tx, told, media, settings.playing.lease_ms)


def _media_of(playing: ConfiguredPlaylists, definition: Mapping[str, Any]) -> tuple[Shown, ...]:
    """The pictures and films of a playlist, with the names that the settings give them."""
    found: dict[str, Shown] = {}
    for item in definition["items"]:
        for sha256 in [*item.get("media", {}).values(), *item.get("still", {}).values()]:
            file = playing.media.get(sha256)
            name = playing.names.get(sha256, "")
            found[sha256] = Shown(sha256, name, file.type if file else "", file.bytes if file else 0)
    return tuple(found.values())


def _as_told(playlist: msgspec.Struct) -> dict[str, Any]:
    """A playlist in the form in which screens get it."""
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(playlist))
    return told
