"""Whether somebody is still there."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from tests.kiosk_ui.samples.sample import Sample

SAMPLES: Final = (Sample(name="still-there", message=places.StillThere(0), covers=("normal",)),)
