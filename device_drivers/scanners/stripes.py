"""Where in a picture there may be a linear code: regions of parallel stripes, cut out, turned upright and enlarged.

The direction of stripes is that of the structure tensor (J. Bigün, G. Granlund, 1987): its coherence is near 1 where
all gradients point the same way, as they do in a linear code and hardly elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from device_drivers.scanners.reads import Quad
    from device_drivers.scanners.views import View

    Plane = NDArray[np.float32]

LOOK: Final = 640
"""Longest side, in pixels, at which stripes are looked for."""
WINDOWS: Final = (9, 21)
"""Half the sides over which directions are compared, in pixels: small codes and large ones."""
COHERENT: Final = 0.6
STRONG: Final = 900.0
"""Mean squared gradient below which there are no stripes but noise."""
MIN_AREA: Final = 250
WIDTH: Final = 900
"""A region is enlarged towards this width (at most three times): 95 modules at 9 pixels."""

ROOM: Final = 3
"""Pixels beyond the corners of what was read."""

SAME: Final = 0.5
"""Correlation from which on two rows cross the same bars."""


class Region(NamedTuple):
    """A rectangle in the picture: `angle` across the bars, and its extent along and athwart that direction, from the
    picture's origin, in pixels.
    """

    weight: float
    angle: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        along, athwart = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return float(along * cos - athwart * sin), float(along * sin + athwart * cos)


def regions(view: View, most: int = 4, look: int = LOOK) -> list[Region]:
    """The likeliest first, looked for at a longest side of `look` pixels."""
    height, width = view.gray.shape
    scale = min(1.0, look / max(height, width))
    small = view.gray
    if scale < 1:
        size = (max(1, int(width * scale)), max(1, int(height * scale)))
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)
    across = np.asarray(cv2.Sobel(small, cv2.CV_32F, 1, 0, ksize=3), np.float32)
    down = np.asarray(cv2.Sobel(small, cv2.CV_32F, 0, 1, ksize=3), np.float32)
    windows = [max(3, window * look // LOOK) for window in WINDOWS]
    found = [region for window in windows for region in _striped(across, down, window, scale)]
    found.sort(key=lambda region: -region.weight)
    kept: list[Region] = []
    for region in found:
        if len(kept) < most and not any(_overlap(region, other) for other in kept):
            kept.append(region)
    return kept


def around(view: View, quad: Quad) -> Region | None:
    """What was read within `quad`, turned as its bars are, with room for what stands before and after it. None where
    there is no picture.
    """
    corners = np.asarray(quad, float)
    if len(corners) < 2:
        return None
    left, top = np.maximum(corners.min(axis=0) - ROOM, 0).astype(int)
    right, bottom = (corners.max(axis=0) + ROOM + 1).astype(int)
    part = view.gray[top:bottom, left:right]
    if min(part.shape) < ROOM:
        return None
    across, down = cv2.Sobel(part, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(part, cv2.CV_32F, 0, 1, ksize=3)
    angle = 0.5 * float(np.arctan2(2 * (across * down).sum(), (across * across - down * down).sum()))
    cos, sin = np.cos(angle), np.sin(angle)
    along, athwart = corners @ (cos, sin), corners @ (-sin, cos)
    length = max(float(np.ptp(along)), 8.0)
    half = max(float(np.ptp(athwart)), 0.12 * length) / 2 + 2
    middle = float(athwart.max() + athwart.min()) / 2
    margin = 0.2 * length
    return Region(1.0, angle, along.min() - margin, along.max() + margin, middle - half, middle + half)


def same_bars(view: View, region: Region, other: Region) -> bool:
    """Whether the bars of a region run on to the middle of another one."""
    x, y = other.centre
    there = y * np.cos(region.angle) - x * np.sin(region.angle)
    rows = []
    for middle in ((region.top + region.bottom) / 2, there):
        line = upright(view, region._replace(top=middle - 1, bottom=middle + 1)).gray.mean(axis=0, dtype=np.float32)
        rows.append(np.asarray(line[None], np.float32))
    some = max(1, rows[0].shape[1] // 50)
    return float(cv2.matchTemplate(rows[1], rows[0][:, some:-some], cv2.TM_CCOEFF_NORMED).max()) > SAME


def upright(view: View, region: Region) -> View:
    """The region alone, its bars vertical."""
    wide, high = region.right - region.left, region.bottom - region.top
    zoom = min(WIDTH / wide, 3.0)
    cos, sin = np.cos(region.angle), np.sin(region.angle)
    affine = np.array(
        [
            [cos / zoom, -sin / zoom, region.left * cos - region.top * sin],
            [sin / zoom, cos / zoom, region.left * sin + region.top * cos],
        ]
    )
    gray = cv2.warpAffine(
        view.gray,
        affine,
        (max(8, int(wide * zoom)), max(8, int(high * zoom))),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return view.part(np.asarray(gray, np.uint8), affine)


def _striped(across: Plane, down: Plane, window: int, scale: float) -> Iterator[Region]:
    size = (window * 2 + 1, window * 2 + 1)
    xx = cv2.boxFilter(across * across, -1, size)
    yy = cv2.boxFilter(down * down, -1, size)
    xy = cv2.boxFilter(across * down, -1, size)
    energy = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (energy + 1e-3)
    strong = max(STRONG, float(np.percentile(energy[::4, ::4], 60)))
    mask = ((coherence > COHERENT) & (energy > strong)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    least = MIN_AREA * (window / WINDOWS[0]) ** 2 if window < WINDOWS[0] else MIN_AREA
    for label in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:6] + 1:
        x, y, wide, high, area = (int(value) for value in stats[label])
        if area < least:
            break
        box = np.s_[y : y + high, x : x + wide]
        ys, xs = np.nonzero(labels[box] == label)
        angle = 0.5 * float(np.arctan2(2 * xy[box][ys, xs].sum(), (xx - yy)[box][ys, xs].sum()))
        weight = area * float(coherence[box][ys, xs].mean())
        cos, sin = np.cos(angle), np.sin(angle)
        some = max(1, len(xs) // 4000)
        xs, ys = xs[::some] + x, ys[::some] + y
        left, right = np.percentile(xs * cos + ys * sin, (0.5, 99.5)) + np.array([-1.2, 1.2]) * window
        top, bottom = np.percentile(ys * cos - xs * sin, (3, 97))
        if right - left >= 30 * scale and bottom - top >= 6 * scale:
            yield Region(weight, angle, left / scale, right / scale, top / scale, bottom / scale)


def _overlap(one: Region, other: Region) -> bool:
    wide = other.right - other.left
    (x, y), (u, v) = one.centre, other.centre
    return float(np.hypot(x - u, y - v)) < 0.15 * wide and abs((one.right - one.left) - wide) < 0.2 * wide
