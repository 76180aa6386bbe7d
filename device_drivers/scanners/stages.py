"""The stages of the cascade: each one decoder on one view of the picture. `docs/drivers/camera.md` has what each of
them costs and adds.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import zxingcpp

from device_drivers.scanners.engines import LINEAR, opencv, zbar, zxing
from device_drivers.scanners.stripes import regions, upright
from device_drivers.scanners.views import averaged, focused, inverted, scaled, sharpened, stretched

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
    "quick-enlarged",
    "quick-stretched",
    "quick-focused",
    "quick-upright",
    "quick-zbar",
]
"""`quick-…`: for films, where another picture comes; not sideways, not smaller."""

QUICK_LOOK: Final = 320
"""Longest side, in pixels, at which stripes are looked for in a film."""


class Scene:
    """One picture, with what several stages need of it."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def uprights(self) -> list[View]:
        """Regions that look like linear codes, turned upright."""
        return [upright(self.view, region) for region in regions(self.view)]

    @cached_property
    def quick_uprights(self) -> list[View]:
        """The two likeliest regions, found in a third of the time."""
        return [upright(self.view, region) for region in regions(self.view, most=2, look=QUICK_LOOK)]

    @cached_property
    def enlarged(self) -> View:
        """One and a half times as large."""
        return scaled(self.view, 1.5)


def _each(views: list[View], stage: str, look: Callable[[View, str], list[Read]]) -> list[Read]:
    return [read for view in views for read in look(view, stage)]


def _averaged(view: View) -> View:
    return sharpened(averaged(view), 2.0)


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
    "upright-zxing": lambda scene, name: _each(scene.uprights, name, _linear),
    "upright-zxing-averaged": lambda scene, name: _each(
        scene.uprights, name, lambda view, stage: _linear(_averaged(view), stage)
    ),
    "upright-zbar": lambda scene, name: _each(scene.uprights, name, _linear_zbar),
    "upright-zbar-averaged": lambda scene, name: _each(
        scene.uprights, name, lambda view, stage: _linear_zbar(_averaged(view), stage)
    ),
    "upright-opencv": lambda scene, name: _each(scene.uprights, name, opencv),
    "quick-enlarged": lambda scene, name: zxing(scene.enlarged, name, thorough=False),
    "quick-stretched": lambda scene, name: zxing(scaled(stretched(scene.view, 0.7), 1.5), name, thorough=False),
    "quick-focused": lambda scene, name: zxing(focused(scene.view), name, thorough=False),
    "quick-upright": lambda scene, name: _each(
        scene.quick_uprights, name, lambda view, stage: _linear(_averaged(view), stage)
    ),
    "quick-zbar": lambda scene, name: zbar(scene.view, name, matrix=False),
}
