"""Home and what lies around it."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from tests.kiosk_ui.samples.sample import Sample, wall

SAMPLES: Final = (
    Sample(name="home", message=places.Home(), covers=("normal",)),
    Sample(name="home-empty", message=places.Home(), wall=wall(0), covers=("empty",)),
    Sample(name="home-offline", message=places.Home(), offline=True, covers=("offline",)),
    Sample(name="offers", message=places.Offers(), covers=("normal",)),
    Sample(name="offers-pages", message=places.Offers(), wall=wall(7)),
)
