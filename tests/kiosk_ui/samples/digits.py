"""The number pad."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from kiosk_ui.gateway import Refused
from kiosk_ui.screens.digits.handlers import Memory
from tests.kiosk_ui.samples.sample import Sample

LONG: Final = "Dieser Warenkorb ist schon von jemand anderem übernommen worden; bitte fragen Sie an der Kasse."
WHY: Final = Refused("sample.long", LONG)
SAMPLES: Final = (
    Sample(name="digits", message=places.Digits(), memory=lambda _at: Memory("69012340"), covers=("normal",)),
    Sample(name="digits-basket", message=places.Digits(), memory=lambda _at: Memory("4712"), covers=("one",)),
    Sample(name="digits-empty", message=places.Digits(), covers=("empty",)),
    Sample(name="digits-refused", message=places.Digits(), memory=lambda _at: Memory(problem=WHY), covers=("long",)),
    Sample(
        name="digits-offline",
        message=places.Digits(),
        memory=lambda _at: Memory("69012340117412"),
        offline=True,
        covers=("offline",),
    ),
)
