"""Orders: paid, checked at the exit, given back."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.orders import needs, picking_up, tables
from edge.domain.orders.facts import OrderPaid, RefundDecided
from edge.domain.orders.rules import OrderRules

NOUN: Final = Noun(
    rules=9,
    name="orders",
    settings=OrderRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    guarded=frozenset({OrderPaid, RefundDecided}),
    api=("edge.web.api.orders:router",),
    pages=(
        "edge.web.pages.order.page:PAGE",
        "edge.web.pages.staff_orders.page:PAGE",
        "edge.web.pages.staff_pickups.page:PAGE",
    ),
    on_tick=(picking_up.on_tick,),
    needs=(needs.needs, needs.money),
    watched={"order": "grant", "basket": "grant"},
)
