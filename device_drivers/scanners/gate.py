"""What one look at the whole picture tells: whether something moves, and whether the camera sees at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import cv2
import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from device_drivers.scanners.views import Gray

CELLS: Final = (40, 30)
MOVED: Final = 6.0
"""Gray levels by which a cell has to change; the noise of a camera averages out below 3 in cells of 16 × 16 pixels."""
ATTENTION: Final = 30
"""Pictures that are looked at after something has moved: every way of looking has its turn several times."""
IDLE_S: Final = 1.0
"""Where nothing moves one picture in so many seconds is looked at."""
DARK: Final = 25.0
COVERED: Final = 4.0
"""Gray levels by which the cells of a picture differ where there is something to see."""
BLURRED: Final = 3.0
"""Gray levels that neighbouring pixels differ by, at the sharpest hundredth of the picture."""

Trouble = Literal["covered", "dark", "blurred"]


class Sight(msgspec.Struct, frozen=True):
    """How well the camera sees."""

    brightness: float = 0.0
    """0 to 255, of the whole picture."""
    contrast: float = 0.0
    """Between its cells, in gray levels."""
    sharpness: float = 0.0
    """Of the sharpest hundredth of the picture, in gray levels from pixel to pixel."""

    @property
    def trouble(self) -> Trouble | None:
        """What somebody should look after; the first that applies."""
        if self.contrast < COVERED and self.sharpness < BLURRED:
            return "covered"
        if self.brightness < DARK:
            return "dark"
        return "blurred" if self.sharpness < BLURRED else None


class Gate:
    """Lets a picture through where something moves or has just moved."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None
        self._attention = 0
        self._looked_at = float("-inf")

    def open(self, gray: Gray, at: float) -> bool:
        """Whether this picture, taken at second `at`, is worth a look."""
        cells = _cells(gray)
        moved = self._last is None or float(np.abs(cells - self._last).max()) > MOVED
        self._last = cells
        self._attention = ATTENTION if moved else self._attention - 1
        if self._attention > 0 or at - self._looked_at >= IDLE_S:
            self._looked_at = at
            return True
        return False


def sight(gray: Gray) -> Sight:
    """How well this picture shows what is in front of the camera."""
    cells = _cells(gray)
    half = gray[:: max(1, gray.shape[0] // 240), :]
    steps = np.abs(np.diff(half.astype(np.int16), axis=1)) if half.shape[1] > 1 else np.zeros(1)
    smooth = float(np.median(steps))  # the noise of the camera is no sharpness
    return Sight(float(cells.mean()), float(cells.std()), max(0.0, float(np.percentile(steps, 99)) - 4 * smooth))


def _cells(gray: Gray) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(gray, CELLS, interpolation=cv2.INTER_AREA), np.float32)
