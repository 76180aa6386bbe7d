"""Umbrellas, and the stands that lend them."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun, OnState
from umbrella_stand import decisions, queries, tables
from umbrella_stand.facts import KIND, UmbrellaLent, UmbrellaRules, UmbrellaShown

NOUN: Final = Noun(
    name="umbrellas",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    guarded=frozenset({UmbrellaLent}),
    actuations=(decisions.UNLOCK,),
    commands={UmbrellaShown: decisions.show},
    on_state={KIND: OnState(decisions.on_state, parts="doors")},
    on_event=(decisions.on_event,),
    needs=(queries.needs,),
    take_over=(decisions.take_over,),
    watched={"stand": "device", "grant": "grant"},
    metrics=(queries.metrics,),
    api=("umbrella_stand.api:router",),
    pages=("umbrella_stand.page:PAGE",),
    words="umbrella_stand:words",
    settings=UmbrellaRules,
    kinds={KIND: KIND},
)
