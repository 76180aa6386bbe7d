"""The stages of the cascade: each one decoder on one view of the picture. `docs/drivers/camera.md` has what each of
them costs and adds.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import zxingcpp

from device_drivers.scanners.engines import LINEAR, opencv, zbar, zxing
from device_drivers.scanners.stripes import regions, upright
from device_drivers.scanners.views import averaged, inverted, scaled, sharpened, stretched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from device_drivers.scanners.reads import Read
    from device_drivers.scanners.views import View

Stage = Literal[
    "fast",
    "zxing",
    "zbar",
    "opencv",
    "zxing-enlarged",
    "zxing-stretched",
    "zxing-sharpened",
    "zxing-inverted",
    "zxing-histogram",
    "zbar-enlarged",
    "opencv-enlarged",
    "upright-zxing",
    "upright-zxing-averaged",
    "upright-zbar",
    "upright-zbar-averaged",
    "upright-opencv",
]


class Scene:
    """One picture, with what several stages need of it."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def uprights(self) -> list[View]:
        """Regions that look like linear codes, turned upright."""
        return [upright(self.view, region) for region in regions(self.view)]

    @cached_property
    def enlarged(self) -> View:
        """One and a half times as large."""
        return scaled(self.view, 1.5)


def _each(scene: Scene, stage: str, look: Callable[[View, str], list[Read]]) -> list[Read]:
    return [read for view in scene.uprights for read in look(view, stage)]


def _linear(view: View, stage: str) -> list[Read]:
    return zxing(view, stage, formats=LINEAR, thorough=False)


def _linear_zbar(view: View, stage: str) -> list[Read]:
    return zbar(view, stage, matrix=False)


STAGES: Final[Mapping[Stage, Callable[[Scene, str], list[Read]]]] = {
    "fast": lambda scene, name: zxing(scene.view, name, thorough=False),
    "zxing": lambda scene, name: zxing(scene.view, name),
    "zbar": lambda scene, name: zbar(scene.view, name),
    "opencv": lambda scene, name: opencv(scene.view, name),
    "zxing-enlarged": lambda scene, name: zxing(scene.enlarged, name),
    "zxing-stretched": lambda scene, name: zxing(stretched(scene.view), name),
    "zxing-sharpened": lambda scene, name: zxing(sharpened(scene.view), name),
    "zxing-inverted": lambda scene, name: zxing(inverted(scene.view), name, formats=LINEAR, thorough=False),
    "zxing-histogram": lambda scene, name: zxing(
        scene.view, name, formats=LINEAR, binarizer=zxingcpp.Binarizer.GlobalHistogram
    ),
    "zbar-enlarged": lambda scene, name: zbar(scene.enlarged, name),
    "opencv-enlarged": lambda scene, name: opencv(scene.enlarged, name),
    "upright-zxing": lambda scene, name: _each(scene, name, _linear),
    "upright-zxing-averaged": lambda scene, name: _each(
        scene, name, lambda view, stage: _linear(sharpened(averaged(view), 2.0), stage)
    ),
    "upright-zbar": lambda scene, name: _each(scene, name, _linear_zbar),
    "upright-zbar-averaged": lambda scene, name: _each(
        scene, name, lambda view, stage: _linear_zbar(sharpened(averaged(view), 2.0), stage)
    ),
    "upright-opencv": lambda scene, name: _each(scene, name, opencv),
}
