"""When a screen's playlist changes next: computed, not waited for."""

from __future__ import annotations

from typing import Final, NamedTuple

from device_drivers.contract.playlists import Playlist
from signage import days, occurrences
from signage.occurrences import FOREVER
from signage.playing import Programme, ScreenLocation, Verdict, meant, plays

AHEAD: Final = 400
"""Days that are looked at."""
TRIES: Final = 2000


class PlaylistChange(NamedTuple):
    """An instant from which on other playlists play."""

    at: int
    playlists: tuple[str, ...]


def playing(programme: Programme, place: ScreenLocation | None, at: int) -> tuple[str, ...]:
    """The playlists that are the loop at an instant, those of equal priority together."""
    play = plays(programme, place, at)
    others = (each.playlist for each in play.why if each.verdict is Verdict.MERGED)
    return (play.playlist, *others) if play.why else (play.playlist,)


def next_change(programme: Programme, place: ScreenLocation | None, at: int) -> PlaylistChange | None:
    """The next instant at which another playlist plays; none within the next year."""
    here = [each for each in programme.playlists if meant(each.where, place)]
    quiet = Programme(
        tuple(each for each in here if not each.share), programme.timezone, programme.withdrawn, programme.leased_until
    )
    clock = days.wall(programme.timezone)
    now = set(playing(quiet, None, at))
    moment = at
    for _ in range(TRIES):
        today = clock.day(moment)
        lease = programme.leased_until or 0
        edges = [_edge(each, moment, today, clock) for each in quiet.playlists]
        moment = min([*edges, lease if lease > moment else FOREVER])
        if moment >= FOREVER or clock.day(moment) > clock.day(at) + AHEAD:
            return None
        then = playing(quiet, None, moment)
        if set(then) != now:
            return PlaylistChange(moment, then)
    return None


def _edge(playlist: Playlist, moment: int, today: int, clock: days.Wall) -> int:
    for ahead in (1, 8, AHEAD):
        found = occurrences.next_edge(playlist, moment, today, clock, ahead)
        if found is not None:
            return found
    return FOREVER
