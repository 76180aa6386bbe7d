"""What the staff's page of playlists shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from edge.domain.playlists import queries
from edge.settings import store_time
from edge.web.views.playlists import item_in_words, playlist_name
from signage.changes import next_change
from signage.playing import Play, Verdict, Why
from words.languages import in_language

if TYPE_CHECKING:
    from edge.web.web import Web
    from words.languages import Language


class PlayReason(msgspec.Struct, frozen=True):
    """Why a playlist plays, or does not."""

    playlist: str
    priority: int
    text: str
    plays: bool


class ScreenShown(msgspec.Struct, frozen=True):
    """A screen and what it plays."""

    id: str
    label: str
    zone: str
    playlist: str
    what: str
    until: str
    following: str
    """When another playlist plays next, and which; empty where none does within a year."""
    why: tuple[PlayReason, ...]


class ContentShown(msgspec.Struct, frozen=True):
    """Something that can be taken off the screens."""

    id: str
    name: str
    what: str
    withdrawn: str
    """Since when, by whom and why; empty while it is shown."""
    now: tuple[str, ...]
    """Labels of the screens that show it now."""


def screens(web: Web, language: Language, now: int) -> list[ScreenShown]:
    """Every screen of the floor."""
    return list(_screens(web, language, now))


def _screens(web: Web, language: Language, now: int) -> Iterator[ScreenShown]:
    zones = {zone.id: in_language(zone.name, language) for zone in web.layout.zones}
    programme = web.playlists.programme()
    for device in web.layout.devices:
        if device.kind != "screen" or device.attached_to:
            continue
        play = web.playlists.now(device.id, device.zone, now)
        change = next_change(programme, web.playlists.place(device.id, device.zone), now)
        following = ""
        if change is not None:
            at = store_time.local(change.at, web.layout.store.zone)
            names = web.texts.say(language, "list").join(
                playlist_name(web, each, language) for each in change.playlists
            )
            following = web.texts.say(language, "playlists.following", at=f"{at:%Y-%m-%d %H:%M}", playlist=names)
        yield ScreenShown(
            id=device.id,
            label=in_language(device.label, language),
            zone=zones.get(device.zone, device.zone),
            playlist=playlist_name(web, play.playlist, language),
            what=item_in_words(web, play.item, language),
            until=f"{store_time.local(play.until_ms, web.layout.store.zone):%H:%M:%S}",
            following=following,
            why=tuple(_reason(web, each, language) for each in _sorted(play)),
        )


def _sorted(play: Play) -> list[Why]:
    return sorted(play.why, key=lambda why: (why.verdict is not Verdict.PLAYS, -why.priority, why.playlist))


def _reason(web: Web, why: Why, language: Language) -> PlayReason:
    by = playlist_name(web, why.by, language)
    text = web.texts.say(language, f"playlists.why_{why.verdict.value}", by=by)
    return PlayReason(why.playlist, why.priority, text, why.verdict is Verdict.PLAYS)


def contents(web: Web, language: Language, now: int) -> list[ContentShown]:
    """Every item of every playlist, what is withdrawn first; whole playlists and files where they are withdrawn."""
    gone = {each.content: each for each in queries.withdrawn(web.reads)}
    showing: dict[str, list[str]] = {}
    for device in web.layout.devices:
        if device.kind == "screen" and not device.attached_to:
            play = web.playlists.now(device.id, device.zone, now)
            showing.setdefault(f"{play.playlist}/{play.item.id}", []).append(in_language(device.label, language))
    said = {
        f"{playlist.id}/{item.id}": item_in_words(web, item, language)
        for playlist in web.playlists.programme().playlists
        for item in playlist.items
    }
    found = []
    for content, name in queries.contents(web.reads).items():
        if content not in said and content not in gone:
            continue
        found.append(_content_view(web, content, name, said.get(content, ""), gone, showing, language))
    missing = [each for each in gone if all(one.id != each for one in found)]
    found += [_content_view(web, each, each, "", gone, showing, language) for each in missing]
    return sorted(found, key=lambda each: not each.withdrawn)


def _content_view(
    web: Web,
    content: str,
    name: str,
    what: str,
    gone: dict[str, queries.Withdrawn],
    showing: dict[str, list[str]],
    language: Language,
) -> ContentShown:
    text = ""
    if content in gone:
        each = gone[content]
        at = store_time.local(each.at_ms, web.layout.store.zone)
        text = web.texts.say(language, "playlists.since", at=f"{at:%Y-%m-%d %H:%M}", by=each.by, reason=each.reason)
    return ContentShown(content, name, what, text, tuple(showing.get(content, ())))
