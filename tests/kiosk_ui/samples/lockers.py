"""Lockers beside a screen."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from tests.kiosk_ui.play_scenes import LOCKERS
from tests.kiosk_ui.samples.sample import Sample

COVERS: Final[dict[str, tuple[str, ...]]] = {
    "lockers-sizes": ("normal",),
    "lockers-offline": ("offline",),
    "lockers-one-door": ("one",),
    "lockers-many-doors": ("sixty",),
}
SAMPLES: Final = tuple(
    Sample(
        name=name,
        message=places.Lockers(),
        told=told,
        offline=name.endswith("offline"),
        covers=COVERS.get(name, ()),
    )
    for name, told in LOCKERS.items()
)
