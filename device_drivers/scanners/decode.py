"""From one picture to the codes in it: the whole cascade, cheap stages first, until there is enough evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device_drivers.scanners.evidence import believed
from device_drivers.scanners.proof import Proof
from device_drivers.scanners.stages import STAGES, Views
from device_drivers.scanners.views import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from device_drivers.scanners.reads import Read
    from device_drivers.scanners.stages import Stage

CASCADE: Final[tuple[Stage, ...]] = (
    "fast",
    "zxing",
    "opencv",
    "zbar",
    "zxing-enlarged",
    "upright-zxing",
    "upright-zxing-averaged",
    "upright-zbar",
    "upright-zbar-averaged",
    "zxing-sharpened",
    "zbar-enlarged",
    "upright-opencv",
    "opencv-enlarged",
)
"""By what each adds for its time, over the labelled photos."""


def decode(bgr: NDArray[np.uint8]) -> list[tuple[str, str]]:
    """Format and text of each code in the picture (height × width × 3, or gray). Raises `ValueError` for what is no
    picture.
    """
    return [(read.format, read.text) for read in reads(bgr)]


def reads(picture: NDArray[np.uint8], cascade: Sequence[Stage] = CASCADE) -> list[Read]:
    """The codes that are believed, each with the best of its reads."""
    views = Views(whole(picture))
    seen: list[Read] = []
    proof = Proof(views.view)
    for stage in cascade:
        seen += (read for read in STAGES[stage](views, stage) if read.key not in proof.refuted)
        found = [code.read for code in believed(seen, proof.apart) if proof.of(code.read.key, seen) is not False]
        if found:
            return found
        seen = [read for read in seen if read.key not in proof.refuted]
    return []
