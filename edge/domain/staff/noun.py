"""Staff: who may act in the store, and who calls them."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.staff import calls, queries, tables

NOUN: Final = Noun(
    name="staff",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    doubts=("DELETE FROM staff_sessions",),
    on_tick=(calls.on_tick,),
    needs=(queries.call_needs, queries.needs),
    pages=("edge.web.pages.help.page:PAGE", "edge.web.pages.staff.page:PAGE", "edge.web.pages.operator.page:PAGE"),
)
