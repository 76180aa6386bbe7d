"""What a camera publishes of a code: the event `scanned`, and how the camera is, in `state`. Never a picture."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import cv2
from biip import ParseError
from biip.gs1_messages import GS1Message

from device_drivers.contract import Camera, Element, Scanned, rfc3339
from device_drivers.scanners.gate import Sight, sight
from device_drivers.scanners.views import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from device_drivers.scanners.reads import Read
    from device_drivers.scanners.votes import Seen

SAY_S: Final = 30.0
"""Numbers alone are published so often at most, in seconds; trouble is at once."""
LOOK_S: Final = 2.0
"""How often it is measured how well the camera sees."""
PERSIST: Final = 3
"""Looks in turn that have to tell the same before it is called trouble: a hand passes."""
SNAPSHOT_BYTES: Final = 48 * 1024 * 3 // 4
"""What 48 KiB of base64 hold."""


def scanned(seen: Seen, shape: tuple[int, ...], frame_wall: float, first_wall: float) -> Scanned:
    """The event: that of every scanner (`codes.scanned`), and where and when the code was seen."""
    read = seen.read
    height, width = shape[0], shape[1]
    return Scanned(
        text=read.text.replace("\0", "\ufffd"),
        symbology=read.symbology,
        bytes=read.raw.hex(),
        gs1=gs1(read),
        known=seen.known,
        place=tuple((round(x / width, 4), round(y / height, 4)) for x, y in read.quad),
        frames=seen.frames,
        first_seen_at=_time(first_wall),
        seen_at=_time(frame_wall),
        sent_at=_time(time.time()),
    )


def gs1(read: Read) -> tuple[Element, ...] | None:
    """Element strings in their order; None for what is no GS1 code, or one that breaks GS1's rules."""
    if not read.gs1:
        return None
    try:
        message = GS1Message.parse(read.text)
    except (ParseError, ValueError):
        return None
    return tuple(Element(element.ai.ai, element.value) for element in message.element_strings)


def snapshot(picture: NDArray[np.uint8]) -> bytes:
    """The picture as a gray PNG small enough for a reply: made smaller until it is."""
    gray = whole(picture).gray
    width = min(400, gray.shape[1])
    while True:
        size = (width, max(1, gray.shape[0] * width // gray.shape[1]))
        small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        _, data = cv2.imencode(".png", small, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if len(data) <= SNAPSHOT_BYTES or width <= 40:
            return data.tobytes()
        width = width * 4 // 5


class Health:
    """How the camera is, said when it changes and not at every picture."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._looked = float("-inf")
        self._frames = 0
        self._decode_ms = 0.0
        self._sight = Sight()
        self._troubles: list[str | None] = []
        self._trouble: str | None = None
        self.shown = Camera()
        """What was said last."""

    def frame(self, picture: NDArray[np.uint8], at: float, spent_s: float) -> Camera | None:
        """Counts a picture; what to publish, if it is time."""
        self._frames += 1
        if spent_s:
            self._decode_ms += 0.1 * (spent_s * 1000 - self._decode_ms)
        if at - self._looked < LOOK_S:
            return None
        self._looked = at
        self._sight = sight(whole(picture).gray)
        self._troubles = [*self._troubles, self._sight.trouble][-PERSIST:]
        if len(self._troubles) == PERSIST and len(set(self._troubles)) == 1:
            self._trouble = self._troubles[0]
        if self.shown.frames_s is not None and self._trouble == self.shown.trouble and at - self._said < SAY_S:
            return None
        return self._say(at)

    def _say(self, at: float) -> Camera:
        elapsed = max(at - self._began, 1e-3)
        self.shown = Camera(
            frames_s=round(self._frames / elapsed, 1),
            decode_ms=round(self._decode_ms, 1),
            brightness=round(self._sight.brightness / 255, 2),
            sharpness=round(self._sight.sharpness / 255, 2),
            trouble=self._trouble,  # type: ignore[arg-type]  # a word of the list
            frame_at=_time(time.time()),
        )
        self._began, self._said, self._frames = at, at, 0
        return self.shown


def _time(wall: float) -> str:
    return rfc3339(datetime.fromtimestamp(wall, UTC))
