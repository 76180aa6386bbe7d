"""Slips, and the printers that print them."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.printing import queue
from edge.domain.printing.tables import (
    SCHEMA,
    AttemptFailed,
    DoubtSettled,
    JobMoved,
    JobOrdered,
    JobPrinted,
    ReprintAsked,
    applies,
)

NOUN: Final = Noun(
    name="printing",
    schema=SCHEMA,
    facts=applies(),
    needs=(queue.needs,),
    notices={"printers": (JobOrdered, JobMoved, ReprintAsked, DoubtSettled, AttemptFailed, JobPrinted)},
    api=("edge.web.api.slips:router",),
)
