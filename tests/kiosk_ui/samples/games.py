"""What can be won here."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from kiosk_ui import places
from tests.kiosk_ui.play_scenes import SCENES
from tests.kiosk_ui.samples.sample import Sample

MEASURED: Final = ("games-wheel-joined", "games-won")


def remembered(name: str, _at: float) -> Any:
    """The scene's memory, as the gateway told it in Chinese."""
    return SCENES[name]("zh-CN")


SAMPLES: Final = tuple(Sample(name=name, message=places.Games(), memory=partial(remembered, name)) for name in MEASURED)
