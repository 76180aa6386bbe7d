"""What is wrong with playlists although each of their values is well formed: what does not fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from device_drivers.contract.playlists import MediaFile
from edge.settings.mistakes import did_you_mean, unknown
from edge.settings.playlist_tables import (
    ItemSettings,
    PageSettings,
    PlaylistSettings,
    VideoSettings,
)
from words import languages

Place = tuple[str | int, ...]
Wrong = tuple[Place, str]
"""Below the playlist's table, and what is wrong there."""
DIRECT: Final = "sha256:"


class PlaylistNames(NamedTuple):
    """What playlists may name; none where it cannot be told."""

    zones: frozenset[str] | None
    screens: frozenset[str] | None
    tags: frozenset[str]
    phases: frozenset[str]
    media: Mapping[str, MediaFile] | None
    languages: tuple[str, ...]


def mistakes_in(playlist: PlaylistSettings, known: PlaylistNames) -> Iterator[Wrong]:
    """Everything that does not fit together in one playlist."""
    where = playlist.where
    yield from unknown(("where", "zones"), "zone", where.zones, known.zones)
    yield from unknown(("where", "screens"), "screen", where.screens, known.screens)
    yield from unknown(("where", "tags"), "tag", where.tags, known.tags)
    yield from unknown(("phase",), "phase", [playlist.phase] if playlist.phase else (), known.phases)
    yield from _times(playlist)
    yield from _items(playlist, known)


def _times(playlist: PlaylistSettings) -> Iterator[Wrong]:
    if playlist.when and playlist.model_fields_set & {"days", "from_", "to"}:
        yield ("when",), "when: expected either a list of times, or days, from and to beside it; found both"
    if playlist.first and playlist.last and playlist.last < playlist.first:
        text = f"last: expected a day not before first ({playlist.first}); found {playlist.last}: it would never play"
        yield ("last",), text


def _items(playlist: PlaylistSettings, known: PlaylistNames) -> Iterator[Wrong]:
    taken: dict[str, int] = {}
    for index, item in enumerate(playlist.items):
        name = name_of(item, index)
        if name in taken:
            text = f'id: "{name}" is taken by item {taken[name] + 1} of this playlist; every item needs its own'
            yield ("items", index), text
        taken.setdefault(name, index)
        for key in ("picture", "video", "still"):
            yield from _media(("items", index, key), key, getattr(item, key, None), known)


def _media(place: Place, key: str, said: str | dict[str, str] | None, known: PlaylistNames) -> Iterator[Wrong]:
    wanted = "video" if key == "video" else "image"
    strange = [each for each in said if each not in languages.known()] if isinstance(said, dict) else []
    for language in strange:
        yield place, f'{key}: expected a language; found "{language}"{did_you_mean(language, languages.known())}'
    if isinstance(said, dict) and not strange and not by_language(said, known.languages):
        yield place, f"{key}: expected one in a language of the store, {' or '.join(known.languages)}; found none"
    for name in by_language(said, known.languages).values():
        if known.media is None:
            continue
        found = resolved(name, known.media)
        if found is None:
            near = did_you_mean(name, sorted(known.media)) if known.media else ""
            text = f'{key}: there is no "{name}" in media.toml{near}; `storekeeper screens add FILE` puts it there'
            yield place, text
        elif not found.type.startswith(wanted):
            yield place, f'{key}: expected {"a film" if wanted == "video" else "a picture"}; "{name}" is {found.type}'


def name_of(item: ItemSettings, index: int) -> str:
    """What an item is called."""
    return item.id or f"{item.show}-{index + 1}"  # type: ignore[attr-defined]


def by_language(said: str | dict[str, str] | None, spoken: tuple[str, ...]) -> dict[str, str]:
    """Media as they are said, by language that is spoken; one alone is the first's, which stands in for every other."""
    if said is None:
        return {}
    return {spoken[0]: said} if isinstance(said, str) else {each: said[each] for each in said if each in spoken}


def resolved(name: str, media: Mapping[str, MediaFile]) -> MediaFile | None:
    """The file that a name or a hash means."""
    if name.startswith(DIRECT):
        wanted = name.removeprefix(DIRECT)
        return next((each for each in media.values() if each.sha256 == wanted), None)
    return media.get(name)


def duration_ms(item: ItemSettings, media: Mapping[str, MediaFile], languages: tuple[str, ...]) -> int:
    """Milliseconds that an item stays."""
    if item.s is not None:
        return round(item.s * 1000)
    if isinstance(item, VideoSettings):
        films = [resolved(name, media) for name in by_language(item.video, languages).values()]
        longest = max((film.ms for film in films if film), default=0)
        return min(600_000, max(2_000, longest)) if longest else 15_000
    return 15_000 if isinstance(item, PageSettings) else 10_000
