"""What can be won here."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from tests.kiosk_ui.play_scenes import SCENES
from tests.kiosk_ui.samples.sample import Sample

COVERS: Final[dict[str, tuple[str, ...]]] = {
    "games-wheel-joined": ("normal",),
    "games-none": ("empty",),
    "games-offline": ("offline",),
    "games-wheel-one-prize": ("one",),
    "games-won-long": ("long",),
}
SAMPLES: Final = tuple(
    Sample(
        name=name,
        message=places.Games(),
        told=told,
        offline=name.endswith("offline"),
        covers=COVERS.get(name, ()),
    )
    for name, told in SCENES.items()
)
