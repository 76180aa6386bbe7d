"""What screens play, and what of it is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge.domain.callers import asked_by
from edge.domain.playlists import queries
from edge.domain.playlists.facts import ContentRestored, ContentWithdrawn, PlaylistEnded, PlaylistPublished, Shown
from edge.journal import Tx


@asked_by("store")
def publish(
    tx: Tx, definitions: Sequence[Mapping[str, Any]], media: Mapping[str, Sequence[Shown]], lease_ms: int
) -> bool:
    """Let exactly these playlists play, in this order; only what differs becomes a fact. Returns whether anything did.

    What was withdrawn stays so, whatever the files say anew.
    """
    before = queries.known(tx)
    changed = False
    for place, definition in enumerate(definitions):
        fact = PlaylistPublished(
            playlist=definition["id"],
            place=place,
            definition=dict(definition),
            media=tuple(media.get(definition["id"], ())),
            lease_ms=lease_ms,
        )
        if before.pop(fact.playlist, None) != queries.digest(place, definition):
            tx.emit(fact)
            changed = True
    for gone in before:
        tx.emit(PlaylistEnded(playlist=gone))
    return changed or bool(before)


@asked_by("staff")
def withdraw(tx: Tx, *, content: str, by: str, reason: str) -> bool:
    """Show something no more: a picture or film by its SHA-256, `playlist`, or `playlist/item`. Returns whether it was
    shown until now. Refuses: content_unknown, reason_missing.
    """
    if not reason.strip():
        raise tx.refuse("reason_missing", campaign=content)
    if content not in queries.contents(tx):
        raise tx.refuse("content_unknown", content=content)
    if queries.is_withdrawn(tx, content):
        return False
    tx.emit(ContentWithdrawn(content=content, by=by, reason=reason.strip()[:300]))
    return True


@asked_by("staff")
def restore(tx: Tx, *, content: str, by: str) -> bool:
    """Let something be shown again. Returns whether it was withdrawn."""
    if not queries.is_withdrawn(tx, content):
        return False
    tx.emit(ContentRestored(content=content, by=by))
    return True
