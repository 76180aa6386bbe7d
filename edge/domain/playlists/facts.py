"""What happens to what screens play: every fact."""

from __future__ import annotations

from typing import Any

import msgspec

from edge.journal.entry import Fact


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture or a film of a playlist. Its name is kept: what was shown can be told when the file is long gone."""

    sha256: str
    name: str = ""
    type: str = ""
    bytes: int = 0


class PlaylistPublished(Fact, frozen=True, tag="playlist.published.v1"):
    """A playlist is as this says from now on: a new one, or one that was changed."""

    playlist: str
    place: int
    """In the order of the list, which decides among equal priorities."""
    definition: dict[str, Any]
    """The whole playlist, in the form in which screens get it."""
    media: tuple[Shown, ...] = ()
    lease_ms: int = 86_400_000
    """How long what may be called back is shown without news of the gateway."""


class PlaylistEnded(Fact, frozen=True, tag="playlist.ended.v1"):
    """A playlist is no more."""

    playlist: str


class ContentWithdrawn(Fact, frozen=True, tag="playlist.withdrawn.v1"):
    """Something is not shown any more, on any screen, from now on."""

    content: str
    """The SHA-256 of a picture or film, `playlist`, or `playlist/item`."""
    by: str
    reason: str


class ContentRestored(Fact, frozen=True, tag="playlist.restored.v1"):
    """What was withdrawn may be shown again."""

    content: str
    by: str
