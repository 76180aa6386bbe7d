"""The ledger: points, levels, days in a row, deposits, fees, commission."""

from __future__ import annotations

from typing import Final

from edge.domain.ledger import tables
from edge.domain.ledger.decisions import on_tick
from edge.domain.ledger.facts import (
    CommissionEarned,
    CommissionSettled,
    LedgerRulesSet,
    MallExchanged,
    PointsBooked,
    PointsReserved,
    PointsReversed,
)
from edge.domain.ledger.from_settings import take_over
from edge.domain.ledger.rules import LedgerRules
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="ledger",
    rules=9,
    settings=LedgerRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    follows=tables.FOLLOWS,
    notices={"prices": (LedgerRulesSet,)},
    guarded=frozenset(
        {MallExchanged, PointsBooked, PointsReserved, PointsReversed, CommissionEarned, CommissionSettled}
    ),
    on_tick=(on_tick,),
    take_over=(take_over,),
    api=("edge.web.api.points:router",),
    pages=("edge.web.pages.points.page:PAGE", "edge.web.pages.staff_results.page:PAGE"),
)
