"""The home of this place."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from tests.kiosk_ui.samples.sample import Sample

SAMPLES: Final = (Sample(name="home", message=places.Home(), covers=("normal",)),)
