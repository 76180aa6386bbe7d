"""Touchpoints: where something can be scanned."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.touchpoints import tables
from edge.domain.touchpoints.facts import TouchpointDefined, TouchpointRemoved, TouchpointScanned
from edge.domain.touchpoints.from_settings import take_over

NOUN: Final = Noun(
    name="touchpoints",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    telemetry=frozenset({TouchpointScanned}),
    take_over=(take_over,),
    notices={"layout": (TouchpointDefined, TouchpointRemoved)},
    api=("edge.web.api.seen:router",),
    pages=("edge.web.pages.touchpoint.page:PAGE",),
)
