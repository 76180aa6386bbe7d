"""The playlists of a store: `playlists.toml` and `media.toml`, made into what screens play."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final

import msgspec

from device_drivers.contract.playlists import MAX_MEDIA_APART, MediaFile, Opening, Playlist
from edge.settings.campaign_files import in_store_time
from edge.settings.campaigns import KnownNames
from edge.settings.media_files import FILE as MEDIA
from edge.settings.media_files import MediaList
from edge.settings.mistakes import File, did_you_mean
from edge.settings.playlist_checks import PlaylistNames, mistakes_in
from edge.settings.playlist_making import Maker
from edge.settings.playlist_tables import (
    ITEMS,
    WEEK,
    HoursSettings,
    PlaylistsFile,
)
from edge.settings.texts import SPOKEN
from edge.settings.toml_files import Mistake
from signage.playing import contents

FILE: Final = "playlists.toml"
LARGEST: Final = 256 * 1024
"""Bytes that the playlists of a store may take on their way to a screen."""


class ConfiguredPlaylists(msgspec.Struct, frozen=True):
    """What screens play, as the settings say it."""

    playlists: tuple[Playlist, ...] = ()
    media: Mapping[str, MediaFile] = {}
    """By hash."""
    names: Mapping[str, str] = {}
    """Names of media by hash."""
    hours: Opening = Opening()
    tags: Mapping[str, tuple[str, ...]] = {}
    """Of each screen."""
    lease_ms: int = 86_400_000
    beside: Path | None = None
    """The folder of the settings, in whose `media/` the files may lie."""


class PlaylistFile(File[PlaylistsFile]):
    """`playlists.toml`."""

    def place(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        place = _kind_place(path)
        return path if place is None else (*path[:place], *path[place + 1 :])

    def known(self, model: Any, path: Any) -> list[str]:
        place = _kind_place(tuple(path))
        if place is not None:
            model, path = ITEMS[path[place]], path[place + 1 :]
        found = super().known(model, path)
        return [name.rstrip("_") for name in found]

    def explained(self, found: Any) -> str | None:
        if found["type"] == "union_tag_not_found":
            return f'items: "show" is missing{did_you_mean("", ITEMS)}'
        return None


def _kind_place(path: tuple[str | int, ...]) -> int | None:
    """Where in a place the kind of an item stands, which is no table of the file."""
    if len(path) > 4 and path[0] == "playlists" and path[2] == "items" and path[4] in ITEMS:
        return 4
    return None


def read(
    folder: Path,
    where: tzinfo,
    named: KnownNames,
    campaigns: frozenset[str],
    mistakes: list[Mistake],
    context: dict[str, Any],
) -> ConfiguredPlaylists:
    """What the two files say; nothing where they are not there, or not right. Adds what is wrong to `mistakes`.

    `where` is the store's time, `campaigns` the ids that there are, `context` what its texts are checked by.
    """
    before = len(mistakes)
    media = _media(folder, mistakes)
    if not os.path.lexists(folder / FILE):
        return ConfiguredPlaylists(beside=folder)
    file = PlaylistFile(folder / FILE, PlaylistsFile, mistakes, lambda raw: _prepare(raw, where), context)
    languages = tuple(map(str, context[SPOKEN]))
    tags = file.raw.get("tags")
    known = PlaylistNames(
        zones=named.zones,
        screens=named.screens,
        tags=frozenset(tags if isinstance(tags, dict) else ()),
        phases=frozenset(file.ids("phases")),
        media=media,
        languages=languages,
    )
    for name in ("playlists", "phases"):
        mistakes += file.twice(name)
    if file.model is None:
        return ConfiguredPlaylists(beside=folder)
    mistakes += _mistakes_in(file, known, campaigns)
    made = Maker(media or {}, languages, {each.id: each for each in file.model.phases})
    found = tuple(made.playlist(each) for each in file.model.playlists)
    mistakes += _too_large(file, found)
    if len(mistakes) > before:
        return ConfiguredPlaylists(beside=folder)
    return ConfiguredPlaylists(
        playlists=found,
        media={each.sha256: each for each in (media or {}).values()},
        names={each.sha256: name for name, each in (media or {}).items()},
        hours=_opening(file.model.hours),
        tags=_tags(file.model.tags),
        lease_ms=file.model.lease_hours * 3_600_000,
        beside=folder,
    )


def _media(folder: Path, mistakes: list[Mistake]) -> dict[str, MediaFile] | None:
    if not os.path.lexists(folder / MEDIA):
        return {}
    file = File(folder / MEDIA, MediaList, mistakes)
    return {name: each.to_struct() for name, each in file.model.media.items()} if file.model else None


def _prepare(raw: dict[str, Any], where: tzinfo) -> None:
    phases = raw.get("phases")
    for phase in phases if isinstance(phases, list) else ():
        if isinstance(phase, dict):
            in_store_time(phase, where)
    lists = raw.get("playlists")
    for playlist in lists if isinstance(lists, list) else ():
        items = playlist.get("items") if isinstance(playlist, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and "show" not in item:
                kind = next((key for key in ("picture", "video") if key in item), None)
                if kind:
                    item["show"] = kind


def _mistakes_in(file: PlaylistFile, known: PlaylistNames, campaigns: frozenset[str]) -> Iterator[Mistake]:
    model = file.model
    for index, playlist in enumerate(model.playlists if model else ()):
        yield from (file.mistake(("playlists", index, *place), text) for place, text in mistakes_in(playlist, known))
    for index, phase in enumerate(model.phases if model else ()):
        place: tuple[str | int, ...] = ("phases", index, "campaign")
        if phase.campaign and phase.campaign not in campaigns:
            near = did_you_mean(phase.campaign, sorted(campaigns))
            yield file.mistake(place, f'campaign: there is no campaign "{phase.campaign}"{near}')
        if phase.from_ and phase.until and phase.from_ >= phase.until:
            yield file.mistake(("phases", index, "until"), "until: expected an end after the beginning")
    for tag, screens in (model.tags if model else {}).items():
        for name in screens:
            if known.screens is not None and name not in known.screens:
                near = did_you_mean(name, sorted(known.screens))
                yield file.mistake(("tags", tag), f'{tag}: there is no screen "{name}"{near}')


def _too_large(file: PlaylistFile, found: tuple[Playlist, ...]) -> Iterator[Mistake]:
    size = len(msgspec.json.encode(found))
    if size > LARGEST:
        text = f"playlists: expected at most {LARGEST} bytes of all of them as screens get them; found {size}"
        yield file.mistake(("playlists",), text)
    media = {sha256 for playlist in found for item in playlist.items for sha256 in contents(item)}
    if len(media) > MAX_MEDIA_APART:
        text = f"playlists: expected at most {MAX_MEDIA_APART} pictures and films in all of them; found {len(media)}"
        yield file.mistake(("playlists",), text)


def _opening(said: HoursSettings) -> Opening:
    week = tuple(_hours(getattr(said, name), said.every_day) for name in WEEK)
    return Opening(
        week=week if said.every_day is not None or any(getattr(said, name) is not None for name in WEEK) else (),
        on={day.isoformat(): text for day, text in said.on.items()},
    )


def _hours(own: str | None, other: str | None) -> str:
    return own if own is not None else other or ""


def _tags(said: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for tag, screens in said.items():
        for screen in screens:
            found[screen] = (*found.get(screen, ()), tag)
    return found
