"""How each fact changes the tables of playlists and of what was withdrawn."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.playlists.facts import ContentRestored, ContentWithdrawn, PlaylistEnded, PlaylistPublished
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE playlists (
    playlist TEXT PRIMARY KEY, place INTEGER, definition TEXT, media TEXT, ended INTEGER, changed_ms INTEGER) STRICT;
CREATE TABLE withdrawn_content (
    content TEXT PRIMARY KEY, withdrawn_ms INTEGER, by TEXT, reason TEXT) STRICT, WITHOUT ROWID;
"""


def _published(rows: Rows, entry: Entry, fact: PlaylistPublished) -> None:
    rows.run(
        "INSERT INTO playlists VALUES (?,?,?,?,0,?) ON CONFLICT (playlist) DO UPDATE SET place=excluded.place,"
        " definition=excluded.definition, media=excluded.media, ended=0, changed_ms=excluded.changed_ms",
        (
            fact.playlist,
            fact.place,
            msgspec.json.encode(fact.definition).decode(),
            msgspec.json.encode(fact.media).decode(),
            entry.wall_ms,
        ),
    )


def _ended(rows: Rows, entry: Entry, fact: PlaylistEnded) -> None:
    rows.run("UPDATE playlists SET ended=1, changed_ms=? WHERE playlist=?", (entry.wall_ms, fact.playlist))


def _withdrawn(rows: Rows, entry: Entry, fact: ContentWithdrawn) -> None:
    rows.run(
        "INSERT INTO withdrawn_content VALUES (?,?,?,?) ON CONFLICT (content) DO UPDATE SET"
        " withdrawn_ms=excluded.withdrawn_ms, by=excluded.by, reason=excluded.reason",
        (fact.content, entry.wall_ms, fact.by, fact.reason),
    )


def _restored(rows: Rows, _: Entry, fact: ContentRestored) -> None:
    rows.run("DELETE FROM withdrawn_content WHERE content=?", (fact.content,))


APPLIES: Final[Applies] = {
    PlaylistPublished: _published,
    PlaylistEnded: _ended,
    ContentWithdrawn: _withdrawn,
    ContentRestored: _restored,
}
