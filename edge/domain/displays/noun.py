"""Displays: what stood on which screen, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.domain.displays import decisions, queries, tables
from edge.domain.displays.facts import DisplaySampled, DisplayShown, KioskSessionEnded
from edge.domain.displays.rules import DisplayRules
from edge.domain.noun import Metric, Noun
from edge.journal import Reads


def _metrics(reads: Reads) -> Iterable[Metric]:
    rows = reads.all("SELECT device, shown_ms AS ms FROM display_totals ORDER BY device")
    samples: dict[tuple[str, ...], float] = {(row["device"],): row["ms"] / 1000 for row in rows}
    yield Metric("storekeeper_display_shown_seconds", "What screens have shown of playlists", samples, ("screen",))
    yield from _of_sessions(reads)


def _of_sessions(reads: Reads) -> Iterable[Metric]:
    """How people use the screens that they touch."""
    rows = reads.all("SELECT device, end, count, ms FROM kiosk_sessions ORDER BY device, end")
    count: dict[tuple[str, ...], float] = {(row["device"], row["end"]): row["count"] for row in rows}
    seconds: dict[tuple[str, ...], float] = {(row["device"], row["end"]): row["ms"] / 1000 for row in rows}
    labels = ("screen", "end")
    yield Metric("storekeeper_kiosk_sessions", "People who touched a screen", count, labels, "counter")
    yield Metric("storekeeper_kiosk_session_seconds", "How long they did in all", seconds, labels, "counter")
    rows = reads.all("SELECT device, place, count FROM kiosk_places ORDER BY device, place")
    places: dict[tuple[str, ...], float] = {(row["device"], row["place"]): row["count"] for row in rows}
    yield Metric("storekeeper_kiosk_places", "Places that they opened", places, ("screen", "place"), "counter")


NOUN: Final = Noun(
    name="displays",
    rules=4,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    observations=frozenset({DisplayShown, DisplaySampled, KioskSessionEnded}),
    on_event=(decisions.record_shown, decisions.end_session),
    needs=(queries.needs,),
    metrics=(_metrics,),
    settings=DisplayRules,
    pages=("edge.web.pages.staff_screens.page:PAGE",),
)
