"""What is asked of playlists: which play, and what is withdrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from edge.journal import Reads


class Withdrawn(msgspec.Struct, frozen=True):
    """Something that is not shown any more."""

    content: str
    at_ms: int
    by: str
    reason: str


def digest(place: int, definition: Mapping[str, Any]) -> str:
    """SHA-256 over what a playlist says and where it stands, hexadecimal."""
    return hashlib.sha256(msgspec.json.encode([place, dict(definition)], order="sorted")).hexdigest()


def definitions(reads: Reads) -> list[bytes]:
    """Returns the playlists as screens get them, as JSON, in their order."""
    rows = reads.all("SELECT definition FROM playlists WHERE ended=0 ORDER BY place, playlist")
    return [row["definition"].encode() for row in rows]


def known(reads: Reads) -> dict[str, str]:
    """Returns the digest of each playlist that plays."""
    rows = reads.all("SELECT playlist, place, definition FROM playlists WHERE ended=0")
    return {row["playlist"]: digest(row["place"], msgspec.json.decode(row["definition"])) for row in rows}


def contents(reads: Reads) -> dict[str, str]:
    """Returns everything that can be withdrawn, and what people call it."""
    found: dict[str, str] = {}
    for row in reads.all("SELECT definition, media FROM playlists WHERE ended=0 ORDER BY place, playlist"):
        playlist = msgspec.json.decode(row["definition"])
        found[playlist["id"]] = playlist["id"]
        for item in playlist["items"]:
            found[f"{playlist['id']}/{item['id']}"] = f"{playlist['id']}/{item['id']}"
        for media in msgspec.json.decode(row["media"]):
            found[media["sha256"]] = media.get("name") or media["sha256"]
    return found


def is_withdrawn(reads: Reads, content: str) -> bool:
    """Whether it is not shown any more."""
    return reads.one("SELECT 1 FROM withdrawn_content WHERE content=?", content) is not None


def withdrawn(reads: Reads) -> list[Withdrawn]:
    """Returns what is withdrawn, the latest first."""
    rows = reads.all("SELECT * FROM withdrawn_content ORDER BY withdrawn_ms DESC, content")
    return [Withdrawn(row["content"], row["withdrawn_ms"], row["by"], row["reason"]) for row in rows]
