"""What plays on a screen, in words and for programs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from device_drivers.contract.playlists import Item
from edge.domain.playlists import queries
from edge.domain.playlists.queries import Withdrawn
from edge.journal import Reader
from edge.journal.queries import has_tables
from edge.settings.settings import Settings
from edge.settings.store_time import local
from signage import days, occurrences
from signage.changes import next_change
from signage.playing import CLOSED, Play, Programme, ScreenLocation, Verdict, Why, contents, plays

SAID: Final = {
    Verdict.PLAYS: "plays",
    Verdict.MERGED: "plays in turn with {by}, which has the same priority",
    Verdict.WAITS: "comes between in its slots of the hour; this is none of them",
    Verdict.COVERED: "has its time, but {by} plays instead",
    Verdict.NOT_HERE: "is for other screens",
    Verdict.NOT_NOW: "has not its time",
    Verdict.WITHDRAWN: "is withdrawn",
}


def withdrawn(data: Path) -> list[Withdrawn]:
    """What is withdrawn by the journal in a data folder; nothing where there is none."""
    path = data / "storekeeper.db"
    if not path.exists():
        return []
    try:
        reader = Reader(path)
    except sqlite3.Error:
        return []
    try:
        return queries.withdrawn(reader) if has_tables(reader, "withdrawn_content") else []
    finally:
        reader.close()


def kind(item: Item) -> str:
    """The kind of an item as the file names it."""
    return str(item.__struct_config__.tag)


def document(settings: Settings, programme: Programme, place: ScreenLocation, at: int) -> dict[str, Any]:
    """The answer for a program."""
    play = plays(programme, place, at)
    change = next_change(programme, place, at)
    return {
        "screen": place.screen,
        "zone": place.zone,
        "at": _utc(at),
        "at_ms": at,
        "playlist": play.playlist,
        "item": play.item.id,
        "show": kind(play.item),
        "media": [settings.playing.names.get(sha256, sha256) for sha256 in contents(play.item)],
        "position_ms": at - play.since_ms,
        "since_ms": play.since_ms,
        "until_ms": play.until_ms,
        "next_change": {"at": _utc(change.at), "at_ms": change.at, "playlists": list(change.playlists)}
        if change
        else None,
        "why": [
            {"playlist": each.playlist, "priority": each.priority, "verdict": each.verdict.value, "by": each.by}
            for each in play.why
        ],
    }


def sentences(settings: Settings, programme: Programme, place: ScreenLocation, at: int) -> Iterator[str]:
    """The answer for a person."""
    play, zone = plays(programme, place, at), settings.store.zone
    yield f"{place.screen} ({place.zone}), {local(at, zone):%a %Y-%m-%d %H:%M:%S %Z} = {_utc(at)}"
    yield f"  plays {play.playlist}/{play.item.id}: {_item(settings, play, at)}"
    following = plays(programme, place, play.until_ms)
    until = local(play.until_ms, zone)
    yield f"  until {until:%H:%M:%S}, then {following.playlist}/{following.item.id}"
    change = next_change(programme, place, at)
    if change is None:
        yield "  no other playlist within the next year"
    else:
        yield f"  next playlist: {' and '.join(change.playlists)} at {local(change.at, zone):%a %Y-%m-%d %H:%M:%S}"
    yield "  why:"
    if play.playlist == CLOSED.id and not any(each.verdict is Verdict.PLAYS for each in play.why):
        yield "    no playlist has its time here: the house's own loop plays"
    width = max((len(each.playlist) for each in play.why), default=0)
    for each in sorted(play.why, key=lambda why: (-why.priority, why.playlist)):
        yield f"    {each.playlist:<{width}}  {each.priority:>4}  {_why_text(settings, programme, each, at)}"


def _item(settings: Settings, play: Play, at: int) -> str:
    names = [settings.playing.names.get(sha256, sha256[:12]) for sha256 in contents(play.item)]
    shown = f" {', '.join(names)}" if names else ""
    into, whole = (at - play.since_ms) / 1000, play.item.ms / 1000
    return f"{kind(play.item)}{shown}, {into:g} of {whole:g} s"


def _why_text(settings: Settings, programme: Programme, why: Why, at: int) -> str:
    said = SAID[why.verdict].format(by=why.by)
    if why.verdict is not Verdict.NOT_NOW:
        return said
    playlist = next(each for each in programme.playlists if each.id == why.playlist)
    clock = days.wall(programme.timezone)
    edge = occurrences.next_edge(playlist, at, clock.day(at), clock, 400)
    if edge is None:
        return f"{said} any more"
    return f"{said}: next from {local(edge, settings.store.zone):%a %Y-%m-%d %H:%M}"


def _utc(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
