"""What a picture of the glass says of the glass: one colour, upside down, not drawn at all, of another size.

A mark is drawn at the top left for one look that nobody sees, in a colour that is another each time: where it lies in
the picture tells which way is up, and that what is drawn now arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from PIL import Image, ImageStat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_drivers.contract import Trouble
    from kiosk_ui.picture import Frame

Colour = tuple[int, int, int]

MARK: Final = 0.02
"""Side of the mark, of the short side of the glass."""
NEAR: Final = 40
"""How far a pixel of the mark may be off: drivers dither, and colours are rounded."""
FLAT: Final = 0.997
"""So much of the glass in one colour is no picture: a page with a line of text on it has less."""
ALIKE: Final = 6
LIGHT: Final = 128
ACROSS: Final = 270
"""Pixels to which a picture is brought down before its colours are counted."""


class PanelCheck(msgspec.Struct, frozen=True):
    """One look at the glass."""

    trouble: Trouble | None
    width: int
    height: int


def mark_px(width: int, height: int) -> int:
    """Side of the mark in pixels."""
    return max(8, round(min(width, height) * MARK))


def judge(frame: Frame, mark: Colour, sizes: Sequence[tuple[int, int]] = ()) -> PanelCheck:
    """What the look finds. `sizes`: those that panels here have; either way round is right. None: any is."""
    picture = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")
    return PanelCheck(_trouble(picture, mark, sizes), frame.width, frame.height)


def _trouble(picture: Image.Image, mark: Colour, sizes: Sequence[tuple[int, int]]) -> Trouble | None:
    side = mark_px(*picture.size)
    flat = _flat(picture, side)
    if flat is not None:
        return "white" if flat >= LIGHT else "black"
    if _marked(picture, mark, side, (0, 0)):
        fits = not sizes or any(sorted(size) == sorted(picture.size) for size in sizes)
        return None if fits else "wrong_size"
    if _marked(picture, mark, side, (picture.width - side, picture.height - side)):
        return "upside_down"
    return "frozen"


def _marked(picture: Image.Image, mark: Colour, side: int, at: tuple[int, int]) -> bool:
    """Whether the middle of the mark lies there."""
    edge = side // 4
    part = picture.crop((at[0] + edge, at[1] + edge, at[0] + side - edge, at[1] + side - edge))
    return all(
        abs(low - wanted) <= NEAR and abs(high - wanted) <= NEAR
        for (low, high), wanted in zip(ImageStat.Stat(part).extrema, mark, strict=True)
    )


def _flat(picture: Image.Image, side: int) -> int | None:
    """How light the one colour is that all of it has, the mark's place aside; None where there is a picture."""
    scale = max(1, picture.width // ACROSS)
    inner = picture.crop((0, side, picture.width, picture.height - side)).reduce(scale).convert("L")
    counts = inner.histogram()
    most = max(range(256), key=counts.__getitem__)
    near = sum(counts[max(0, most - ALIKE) : most + ALIKE + 1])
    return most if near >= FLAT * inner.width * inner.height else None
