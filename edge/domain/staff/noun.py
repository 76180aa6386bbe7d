"""Staff: who is, who calls them, and what they have taken out of use."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.staff import calls, staff, upkeep

NOUN: Final = Noun(
    name="staff",
    schema=upkeep.SCHEMA + calls.SCHEMA + staff.SCHEMA,
    facts={**upkeep.APPLIES, **calls.APPLIES, **staff.APPLIES},
    on_tick=(calls.tend,),
    needs=(calls.needs, upkeep.needs, staff.needs),
    notices={"printers": (upkeep.DeviceTakenOut, upkeep.DevicePutBack)},
    pages=("edge.web.pages.help.page:PAGE", "edge.web.pages.staff.page:PAGE", "edge.web.pages.operator.page:PAGE"),
)
