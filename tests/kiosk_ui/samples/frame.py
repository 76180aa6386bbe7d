"""What stands in front of everything."""

from __future__ import annotations

from typing import Final

from device_drivers.contract.answers.basket import ParkingCode
from kiosk_ui import places
from kiosk_ui.screens.still_there.screen import Memory
from tests.kiosk_ui.samples.sample import Sample

KEPT: Final = Memory(ParkingCode("http://192.168.1.20:8080/b/basket.k3m9x2pqabcd.b.q2w3e4r5t6y7u8i9", "4712"))
SAMPLES: Final = (
    Sample(name="still-there", message=places.StillThere(0), covers=("normal",)),
    Sample(name="still-there-kept", message=places.StillThere(0), memory=lambda _at: KEPT, covers=("normal",)),
)
