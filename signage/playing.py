"""What plays on a screen at an instant, and why.

One rule: of the playlists that are meant for the screen and have their time, the highest priority plays. Equal ones
are one loop, in the order of the list. One with a `share` comes between, in even slots of the hour, unless what plays
has a higher priority. What is withdrawn, or called back by silence, is in no loop. Where nothing is left, the store's
own loop plays. Position is the clock modulo the loop's length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from device_drivers.contract.playlists import Item, OffersItem, Playlist, Target, TodayItem
from signage import days, occurrences
from signage.occurrences import FOREVER

HOUR: Final = 3_600_000
CLOSED: Final = Playlist(
    id="house",
    priority=0,
    items=(TodayItem(id="today", ms=12_000), OffersItem(id="offers", ms=20_000)),
)
"""The loop of a store where no playlist has its time."""


class ScreenLocation(msgspec.Struct, frozen=True):
    """Where a screen stands."""

    screen: str
    zone: str = ""
    tags: tuple[str, ...] = ()
    store: str = ""


class Programme(msgspec.Struct, frozen=True):
    """Everything that plays in a store."""

    playlists: tuple[Playlist, ...] = ()
    timezone: str = "UTC"
    withdrawn: frozenset[str] = frozenset()
    """Content that is not shown any more: hashes of media, `playlist`, `playlist/item`."""
    leased_until: int | None = None
    """Unix milliseconds. Beyond it nothing is shown that may be called back. None: the gateway itself asks."""


class Verdict(StrEnum):
    """Why a playlist plays, or does not."""

    PLAYS = "plays"
    MERGED = "merged"
    """With another of the same priority; this instant's item is the other's."""
    WAITS = "waits"
    """It comes between in slots; this is none of them."""
    COVERED = "covered"
    """Another has a higher priority, or comes between just now."""
    NOT_HERE = "not_here"
    NOT_NOW = "not_now"
    WITHDRAWN = "withdrawn"
    """Nothing of it is left that may be shown."""


class Why(msgspec.Struct, frozen=True):
    """What became of one playlist."""

    playlist: str
    verdict: Verdict
    priority: int = 0
    by: str = ""
    """The playlist that plays instead of it."""


class Play(msgspec.Struct, frozen=True):
    """What plays."""

    playlist: str
    item: Item
    since_ms: int
    """When the item began by the clock; `at` less this is the position in it."""
    until_ms: int
    """When something else may play."""
    why: tuple[Why, ...] = ()
    """Of every playlist, in the order of the list."""


class _Ready(msgspec.Struct, frozen=True):
    """A playlist that could play now."""

    playlist: Playlist
    items: tuple[Item, ...]
    until: int


def meant(target: Target, place: ScreenLocation | None) -> bool:
    """Whether a screen is one of these. Without a place it is: whoever sent the playlist chose it."""
    if place is None:
        return True
    return (
        (not target.zones or place.zone in target.zones)
        and (not target.screens or place.screen in target.screens)
        and (not target.stores or place.store in target.stores)
        and (not target.tags or any(tag in target.tags for tag in place.tags))
    )


def contents(item: Item) -> tuple[str, ...]:
    """The hashes of the media that it shows, in any language."""
    media = getattr(item, "media", {})
    return tuple(dict.fromkeys([*media.values(), *getattr(item, "still", {}).values()]))


def content_of(playlist: str, item: Item) -> str:
    """By what an item is withdrawn, and counted as shown."""
    return f"{playlist}/{item.id}"


def plays(programme: Programme, place: ScreenLocation | None, at: int) -> Play:
    """What plays on the screen at an instant, in Unix milliseconds."""
    ready, out, edge = _ready(programme, place, at)
    loops = [each for each in ready if not each.playlist.share]
    top = max((each.playlist.priority for each in loops), default=-1)
    base = [each for each in loops if each.playlist.priority == top]
    edge = min([edge, *(each.until for each in ready)])
    inserted, slot_edge = _between(ready, top, at)
    edge = min(edge, slot_edge)
    chosen = [inserted] if inserted else base
    items = [(each.playlist.id, item) for each in chosen for item in each.items]
    start = _slot(inserted, at)[0] if inserted else 0
    play = _turn(items or [(CLOSED.id, item) for item in CLOSED.items], start, at, edge)
    play = msgspec.structs.replace(play, until_ms=_next(programme, out, at, play.until_ms))
    return msgspec.structs.replace(play, why=tuple(_reasons(programme.playlists, chosen, ready, out, play)))


def _ready(programme: Programme, place: ScreenLocation | None, at: int) -> tuple[list[_Ready], dict[str, Verdict], int]:
    clock = days.wall(programme.timezone)
    today = clock.day(at)
    lapsed = programme.leased_until is not None and at >= programme.leased_until
    ready: list[_Ready] = []
    out: dict[str, Verdict] = {}
    edge = FOREVER
    if programme.leased_until is not None and not lapsed:
        edge = programme.leased_until
    for playlist in programme.playlists:
        if not meant(playlist.where, place):
            out[playlist.id] = Verdict.NOT_HERE
            continue
        span = occurrences.span_at(playlist, at, today, clock)
        if span is None:
            out[playlist.id] = Verdict.NOT_NOW
            continue
        items = _left(playlist, programme.withdrawn, lapsed)
        if items:
            ready.append(_Ready(playlist, items, span[1]))
        else:
            out[playlist.id] = Verdict.WITHDRAWN
    return ready, out, edge


def _next(programme: Programme, out: Mapping[str, Verdict], at: int, until: int) -> int:
    """When a playlist that has not its time may have it, where that is before `until`."""
    clock = days.wall(programme.timezone)
    today = clock.day(at)
    for playlist in programme.playlists:
        if out.get(playlist.id) is Verdict.NOT_NOW:
            until = occurrences.next_start(playlist, at, until, today, clock) or until
    return until


def _left(playlist: Playlist, withdrawn: frozenset[str], lapsed: bool) -> tuple[Item, ...]:
    """The items that may be shown."""
    if not withdrawn and not lapsed:
        return playlist.items
    if playlist.id in withdrawn:
        return ()
    return tuple(
        item
        for item in playlist.items
        if not (lapsed and item.recall)
        and content_of(playlist.id, item) not in withdrawn
        and withdrawn.isdisjoint(contents(item))
    )


def _slot(ready: _Ready, at: int) -> tuple[int, int, int]:
    """Begin and end of the slot that is or comes last before this instant, and the begin of the next one."""
    length = sum(item.ms for item in ready.items)
    count = min(HOUR // length or 1, max(1, round(ready.playlist.share * 1000 / length)))
    hour = at - at % HOUR
    place = (at - hour) * count // HOUR
    starts = [hour + -(-number * HOUR // count) for number in (place, place + 1)]
    return starts[0], starts[0] + length, starts[1]


def _between(ready: Sequence[_Ready], top: int, at: int) -> tuple[_Ready | None, int]:
    """The playlist that comes between now, and when that may change."""
    edge, found = FOREVER, None
    for each in sorted((each for each in ready if each.playlist.share), key=lambda each: -each.playlist.priority):
        if each.playlist.priority < top:
            continue
        begin, end, following = _slot(each, at)
        if begin <= at < end:
            edge = min(edge, end)
            found = found or each
        else:
            edge = min(edge, following)
    return found, edge


def _turn(items: Sequence[tuple[str, Item]], start: int, at: int, edge: int) -> Play:
    """Whose turn it is in a loop that began at `start`."""
    into = (at - start) % sum(item.ms for _, item in items)
    for playlist, item in items:
        if into < item.ms:
            return Play(playlist, item, at - into, min(at - into + item.ms, edge))
        into -= item.ms
    raise AssertionError("a remainder is less than what it is the remainder of")


def _reasons(
    playlists: Sequence[Playlist],
    chosen: Sequence[_Ready],
    ready: Sequence[_Ready],
    out: Mapping[str, Verdict],
    play: Play,
) -> Iterator[Why]:
    playing = {each.playlist.id for each in chosen}
    for playlist in playlists:
        if playlist.id in out:
            yield Why(playlist.id, out[playlist.id], playlist.priority)
        elif playlist.id in playing:
            verdict = Verdict.PLAYS if playlist.id == play.playlist else Verdict.MERGED
            yield Why(playlist.id, verdict, playlist.priority, "" if verdict is Verdict.PLAYS else play.playlist)
        else:
            waits = playlist.share and playlist.priority >= max(
                (each.playlist.priority for each in ready if not each.playlist.share), default=0
            )
            yield Why(playlist.id, Verdict.WAITS if waits else Verdict.COVERED, playlist.priority, play.playlist)
