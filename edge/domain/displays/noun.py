"""Displays: what stood on which screen, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.domain.displays import decisions, queries, tables
from edge.domain.displays.facts import DisplaySampled, DisplayShown
from edge.domain.displays.rules import DisplayRules
from edge.domain.noun import Metric, Noun
from edge.journal import Reads


def _metrics(reads: Reads) -> Iterable[Metric]:
    rows = reads.all("SELECT device, sum(shown_ms) AS ms FROM display_hours GROUP BY device ORDER BY device")
    samples: dict[tuple[str, ...], float] = {(row["device"],): row["ms"] / 1000 for row in rows}
    yield Metric("storekeeper_display_shown_seconds", "What screens have shown of playlists", samples, ("screen",))


NOUN: Final = Noun(
    name="displays",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    observations=frozenset({DisplayShown, DisplaySampled}),
    on_event=(decisions.note,),
    needs=(queries.needs,),
    metrics=(_metrics,),
    settings=DisplayRules,
    pages=("edge.web.pages.staff_screens.page:PAGE",),
)
