"""The printer that a slip comes out of for somebody who stands at a screen."""

from __future__ import annotations

import math
from typing import Final

from edge.domain.devices.queries import Device
from edge.domain.layout import Layout
from edge.domain.printing.queries import printers
from edge.domain.printing.rules import obstacle
from edge.journal import Reads

NEAR_M: Final = 12.0
"""Further away a slip would lie there."""


def near_printer(reads: Reads, layout: Layout, screen: str) -> Device | None:
    """The nearest printer that is ready; None where none is near."""
    here = layout.device(screen)
    if here is None:
        return None
    ready = [layout.device(each.device) for each in printers(reads) if obstacle(each) is None]
    near = [(math.dist(here.at, each.at), each.id, each) for each in ready if each is not None]
    distance, _, found = min(near, default=(math.inf, "", None))
    return found if distance <= NEAR_M else None
