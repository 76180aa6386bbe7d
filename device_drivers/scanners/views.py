"""Views of a picture: enlarged, sharpened, stretched, a part of it turned upright; each knows the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from device_drivers.scanners.reads import Quad

    Gray = NDArray[np.uint8]
    """Height × width, 0 is black."""
    Affine = NDArray[np.float64]
    """2 × 3, from the view's coordinates to the picture's."""


class View:
    """A gray picture to decode."""

    def __init__(self, gray: Gray, affine: Affine | None = None) -> None:
        self.gray = gray
        self._affine = affine

    def back(self, quad: Quad) -> Quad:
        """The same corners in the picture."""
        if self._affine is None or not quad:
            return quad
        turned = np.asarray(quad) @ self._affine[:, :2].T + self._affine[:, 2]
        return tuple((float(x), float(y)) for x, y in turned)

    def changed(self, gray: Gray) -> View:
        """Other pixels at the same places."""
        return View(gray, self._affine)

    def part(self, gray: Gray, affine: Affine) -> View:
        """A view of this view: `affine` leads back to this one, and from here on to the picture."""
        if self._affine is None:
            return View(gray, affine)
        first, then = (np.vstack([matrix, [0, 0, 1]]) for matrix in (affine, self._affine))
        return View(gray, (then @ first)[:2])


def whole(picture: NDArray[np.uint8]) -> View:
    """A picture as it came: BGR, or gray already. Raises `ValueError` for what is no picture."""
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or not picture.size:
        raise ValueError(f"{picture.dtype} of shape {picture.shape}: expected 8 bits of height × width (× 3)")
    if picture.ndim == 2:
        return View(np.ascontiguousarray(picture))
    if picture.shape[2] == 1:
        return View(np.ascontiguousarray(picture[:, :, 0]))
    if picture.shape[2] not in (3, 4):
        raise ValueError(f"{picture.shape[2]} channels: expected 1, 3 or 4")
    code = cv2.COLOR_BGR2GRAY if picture.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return View(np.asarray(cv2.cvtColor(picture, code), np.uint8))


def scaled(view: View, factor: float) -> View:
    """Larger (cubic) or smaller (averaged)."""
    how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    height, width = view.gray.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    gray = np.asarray(cv2.resize(view.gray, size, interpolation=how), np.uint8)
    return view.part(gray, np.array([[width / size[0], 0, 0], [0, height / size[1], 0]]))


def stretched(view: View, sigma: float = 1.0) -> View:
    """Little light: smoothed against its noise, then 2 % to 98 % of the grays over the whole range."""
    smooth = cv2.GaussianBlur(view.gray, (0, 0), sigma)
    low, high = np.percentile(smooth[::2, ::2], (2, 98))
    factor = 255 / max(8.0, float(high - low))
    return view.changed(np.asarray(cv2.convertScaleAbs(np.maximum(smooth, low) - low, alpha=factor), np.uint8))


def sharpened(view: View, sigma: float = 1.5, amount: float = 1.5) -> View:
    """Unsharp mask."""
    soft = cv2.GaussianBlur(view.gray, (0, 0), sigma)
    return view.changed(np.asarray(cv2.addWeighted(view.gray, 1 + amount, soft, -amount, 0), np.uint8))


def focused(view: View) -> View:
    """Out of focus: the noise smoothed, then an unsharp mask as strong as such a picture bears."""
    calm = view.changed(np.asarray(cv2.GaussianBlur(view.gray, (0, 0), 0.8), np.uint8))
    return sharpened(calm, 2.5, 4.0)


def inverted(view: View) -> View:
    """White for black."""
    return view.changed(np.asarray(cv2.bitwise_not(view.gray), np.uint8))


def averaged(view: View) -> View:
    """Smoothed along the bars of an upright code, over a quarter of its height: noise goes, bars stay."""
    rows = max(3, view.gray.shape[0] // 4 | 1)
    return view.changed(np.asarray(cv2.blur(view.gray, (1, rows)), np.uint8))
