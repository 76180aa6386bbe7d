"""Lockers beside a screen."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from kiosk_ui import places
from tests.kiosk_ui.play_scenes import LOCKERS
from tests.kiosk_ui.samples.sample import Sample

MEASURED: Final = ("lockers-sizes", "lockers-stored")


def remembered(name: str, _at: float) -> Any:
    """The scene's memory, as the gateway told it in Chinese."""
    return LOCKERS[name]("zh-CN")


SAMPLES: Final = tuple(
    Sample(name=name, message=places.Lockers(), memory=partial(remembered, name)) for name in MEASURED
)
