"""The wall of a zone's offers."""

from __future__ import annotations

from typing import Final

from tests.kiosk_ui.samples.around_home import LONG_OFFER, sixty
from tests.kiosk_ui.samples.sample import Sample, wall

SAMPLES: Final = (
    Sample(name="wall", message=wall(4), covers=("normal",)),
    Sample(name="wall-one", message=wall(1), covers=("one",)),
    Sample(name="wall-two", message=wall(2)),
    Sample(name="wall-pages", message=wall(7)),
    Sample(name="wall-sixty", message=sixty(service=None), covers=("sixty",)),
    Sample(name="wall-long", message=sixty(service=None, **LONG_OFFER), offline=True, covers=("long", "offline")),
    Sample(name="wall-empty", message=wall(0), covers=("empty",)),
    Sample(name="wall-offline", message=wall(4), offline=True, covers=("offline",)),
)
