"""What to hold where."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from tests.kiosk_ui.samples.sample import Sample

SAMPLES: Final = (
    Sample(name="scan", message=places.Scan(), covers=("normal",)),
    Sample(name="scan-offline", message=places.Scan(), offline=True, covers=("offline",)),
)
