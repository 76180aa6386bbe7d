"""How each fact changes the tables of displays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge.domain.displays.facts import DisplaySampled, DisplayShown, Interval, KioskSessionEnded
from edge.domain.displays.rules import PLACES
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE display_marks (
    device TEXT, boot TEXT, n INTEGER, last_ms INTEGER, PRIMARY KEY (device, boot)) STRICT, WITHOUT ROWID;
CREATE TABLE display_hours (
    hour_ms INTEGER, device TEXT, zone TEXT, playlist TEXT, item TEXT, content TEXT, kind TEXT, owner TEXT,
    times INTEGER, shown_ms INTEGER, lit_ms INTEGER, dark_ms INTEGER,
    PRIMARY KEY (hour_ms, device, zone, playlist, item, content)) STRICT, WITHOUT ROWID;
CREATE TABLE display_totals (device TEXT PRIMARY KEY, shown_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE display_samples (
    place INTEGER PRIMARY KEY, device TEXT, at_ms INTEGER, verdict TEXT, playlist TEXT, item TEXT, content TEXT,
    distance INTEGER) STRICT;
CREATE TABLE kiosk_sessions (
    device TEXT, end TEXT, count INTEGER, ms INTEGER, PRIMARY KEY (device, end)) STRICT, WITHOUT ROWID;
CREATE TABLE kiosk_places (
    device TEXT, place TEXT, count INTEGER, PRIMARY KEY (device, place)) STRICT, WITHOUT ROWID;
CREATE INDEX display_samples_of ON display_samples (device, at_ms);
"""

ENDS: Final = (
    "DELETE FROM display_marks WHERE last_ms < ?1",
    "DELETE FROM display_hours WHERE hour_ms < ?1",
    "DELETE FROM display_samples WHERE at_ms < ?1",
)


def _shown(rows: Rows, entry: Entry, fact: DisplayShown) -> None:
    last = max(each.n for each in fact.intervals)
    rows.run(
        "INSERT INTO display_marks VALUES (?,?,?,?)"
        " ON CONFLICT (device, boot) DO UPDATE SET n=max(n, excluded.n), last_ms=excluded.last_ms",
        (fact.device, fact.boot, last, entry.wall_ms),
    )
    rows.run(
        "INSERT INTO display_totals VALUES (?,?)"
        " ON CONFLICT (device) DO UPDATE SET shown_ms=shown_ms+excluded.shown_ms",
        (fact.device, sum(each.ms for each in fact.intervals)),
    )
    for each in fact.intervals:
        for place, (hour, ms) in enumerate(_hours(each)):
            rows.run(
                "INSERT INTO display_hours VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
                " ON CONFLICT (hour_ms, device, zone, playlist, item, content) DO UPDATE SET"
                " times=times+excluded.times, shown_ms=shown_ms+excluded.shown_ms, lit_ms=lit_ms+excluded.lit_ms,"
                " dark_ms=dark_ms+excluded.dark_ms, kind=excluded.kind, owner=excluded.owner",
                (hour, fact.device, fact.zone, each.playlist, each.item, each.content, each.kind, each.owner,
                 int(place == 0), ms, ms if each.lit == "yes" else 0, ms if each.lit == "no" else 0),
            )  # fmt: skip


def _hours(interval: Interval) -> Iterator[tuple[int, int]]:
    """The hours, or parts of them, that it lies in, and how many milliseconds of it in each."""
    at, left, piece = interval.from_ms, interval.ms, interval.piece_ms
    while left > 0:
        hour = at - at % piece
        here = min(left, hour + piece - at)
        yield hour, here
        at, left = at + here, left - here


def _sampled(rows: Rows, entry: Entry, fact: DisplaySampled) -> None:
    rows.run(
        "INSERT INTO display_samples (device, at_ms, verdict, playlist, item, content, distance)"
        " VALUES (?,?,?,?,?,?,?)",
        (fact.device, entry.wall_ms, fact.verdict, fact.playlist, fact.item, fact.content, fact.distance),
    )


def _session_ended(rows: Rows, entry: Entry, fact: KioskSessionEnded) -> None:  # noqa: ARG001
    rows.run(
        "INSERT INTO kiosk_sessions VALUES (?,?,1,?)"
        " ON CONFLICT (device, end) DO UPDATE SET count=count+1, ms=ms+excluded.ms",
        (fact.device, fact.end, fact.ms),
    )
    for place, count in sorted(fact.places.items()):
        rows.run(
            "INSERT INTO kiosk_places SELECT ?1,?2,?3 WHERE (SELECT count(*) FROM kiosk_places WHERE device=?1)<?4"
            " OR EXISTS (SELECT 1 FROM kiosk_places WHERE device=?1 AND place=?2)"
            " ON CONFLICT (device, place) DO UPDATE SET count=count+excluded.count",
            (fact.device, place, count, PLACES),
        )


APPLIES: Final[Applies] = {DisplayShown: _shown, DisplaySampled: _sampled, KioskSessionEnded: _session_ended}
