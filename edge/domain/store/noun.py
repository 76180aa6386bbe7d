"""The store itself: what it is, its zones, its key and its clock."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.store import queries, tables
from edge.domain.store.facts import StoreDescribed, ZoneDefined, ZoneRemoved
from edge.domain.store.from_settings import take_over

NOUN: Final = Noun(
    rules=6,
    name="store",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    needs=(queries.needs,),
    take_over=(take_over,),
    notices={"layout": (StoreDescribed, ZoneDefined, ZoneRemoved), "prices": (StoreDescribed,)},
    api=("edge.web.api.store:router",),
    pages=("edge.web.pages.store.page:PAGE",),
)
