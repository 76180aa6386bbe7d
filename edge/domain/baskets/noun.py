"""Baskets: filled by scanning, priced, held, paid."""

from __future__ import annotations

from typing import Final

from edge.domain.baskets import holding, needs, parking, queries, tables
from edge.domain.baskets.facts import BasketHeld
from edge.domain.baskets.from_settings import take_over
from edge.domain.baskets.rules import BasketRules
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="baskets",
    rules=7,
    settings=BasketRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    guarded=frozenset({BasketHeld}),
    on_tick=(holding.on_tick, holding.tidy, parking.on_tick),
    take_over=(take_over,),
    in_use=(queries.in_use,),
    needs=(needs.needs,),
    watched={"basket": "grant"},
    api=("edge.web.api.basket:router",),
    pages=("edge.web.pages.basket.page:PAGE", "edge.web.pages.handover.page:PAGE"),
)
