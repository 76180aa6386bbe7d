"""Slips, and the printers that print them."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.printing import queries, tables
from edge.domain.printing.facts import AttemptFailed, DoubtSettled, JobMoved, JobOrdered, JobPrinted, ReprintAsked

NOUN: Final = Noun(
    name="printing",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    in_use=(queries.in_use,),
    needs=(queries.needs,),
    notices={"printers": (JobOrdered, JobMoved, ReprintAsked, DoubtSettled, AttemptFailed, JobPrinted)},
    api=("edge.web.api.slips:router",),
)
