"""Baskets: filled by scanning, priced, held, paid."""

from __future__ import annotations

from typing import Final

from edge.domain.baskets import holding, queries, tables
from edge.domain.baskets.facts import BasketHeld
from edge.domain.baskets.rules import BasketRules
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="baskets",
    settings=BasketRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    guarded=frozenset({BasketHeld}),
    on_tick=(holding.on_tick,),
    in_use=(queries.in_use,),
    watched={"basket": "grant"},
)
