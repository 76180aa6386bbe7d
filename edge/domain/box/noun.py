"""The box that the store runs on: its settings, its version, its backups, as far as they are history."""

from __future__ import annotations

from typing import Final

from edge.domain.box import tables
from edge.domain.box.needs import needs
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="box",
    schema=tables.SCHEMA,
    rules=2,
    facts=tables.APPLIES,
    needs=(needs,),
    api=("edge.web.api.box:router", "edge.web.api.rehearsals:router"),
    pages=("edge.web.pages.it.page:PAGE",),
)
