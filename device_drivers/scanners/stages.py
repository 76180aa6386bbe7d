"""The stages of the cascade: each one decoder on one view of the picture. `docs/drivers/camera.md` has what each of
them costs and adds.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import zxingcpp

from device_drivers.scanners.engines import FRAMED, LINEAR, opencv, zbar, zxing
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


class Views:
    """One picture, and the views of it that several stages look at."""

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


STAGES: Final[Mapping[Stage, Callable[[Views, str], list[Read]]]] = {
    "fast": lambda views, name: zxing(views.view, name, thorough=False),
    "zxing": lambda views, name: zxing(views.view, name),
    "zbar": lambda views, name: zbar(views.view, name),
    "opencv": lambda views, name: opencv(views.view, name),
    "zxing-enlarged": lambda views, name: zxing(views.enlarged, name),
    "zxing-stretched": lambda views, name: zxing(stretched(views.view), name),
    "zxing-sharpened": lambda views, name: zxing(sharpened(views.view), name),
    "zxing-inverted": lambda views, name: zxing(inverted(views.view), name, formats=FRAMED, thorough=False),
    "zxing-histogram": lambda views, name: zxing(
        views.view, name, formats=LINEAR, binarizer=zxingcpp.Binarizer.GlobalHistogram
    ),
    "zbar-enlarged": lambda views, name: zbar(views.enlarged, name),
    "opencv-enlarged": lambda views, name: opencv(views.enlarged, name),
    "upright-zxing": lambda views, name: _each(views.uprights, name, _linear),
    "upright-zxing-averaged": lambda views, name: _each(
        views.uprights, name, lambda view, stage: _linear(_averaged(view), stage)
    ),
    "upright-zbar": lambda views, name: _each(views.uprights, name, _linear_zbar),
    "upright-zbar-averaged": lambda views, name: _each(
        views.uprights, name, lambda view, stage: _linear_zbar(_averaged(view), stage)
    ),
    "upright-opencv": lambda views, name: _each(views.uprights, name, opencv),
    "quick-enlarged": lambda views, name: zxing(views.enlarged, name, thorough=False),
    "quick-stretched": lambda views, name: zxing(scaled(stretched(views.view, 0.7), 1.5), name, thorough=False),
    "quick-focused": lambda views, name: zxing(focused(views.view), name, thorough=False),
    "quick-upright": lambda views, name: _each(
        views.quick_uprights, name, lambda view, stage: _linear(_averaged(view), stage)
    ),
    "quick-zbar": lambda views, name: zbar(views.view, name, matrix=False),
}
