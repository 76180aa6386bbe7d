"""The letters that stand on the glass, each pixel of them: where a text's own texture says that there is one.

A texture lies on the glass as it is, pixel on pixel. So it tells letters from ground exactly, and what is measured of a
picture is the same in each run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    """Rows of red, green, blue, from the top down."""
    Box = tuple[float, float, float, float]

WHOLE: Final = 0.9
"""Of the most that a pixel of this text is covered; more, and it is a letter's own colour. Edges are mixed."""
AROUND: Final = 3
"""Pixels around a letter that are its ground."""
WORST: Final = 5
"""Percent of the ground that may stand out less; there something else begins."""
FEWEST: Final = 12
"""Pixels of letters that tell something."""
APART: Final = 64
"""Of 255: a pixel that differs so much from the colour of the letters is not one of them …"""
NONE: Final = 21.0
"""What is told where there is nothing to tell: black on white."""
HIDDEN: Final = 0.1
"""… and where so many are not, something lies on them."""


class Letters(msgspec.Struct, frozen=True):
    """A text as it was drawn."""

    widget: Any
    text: str
    texture: Any
    left: float
    bottom: float
    """Where its texture lies in the window."""
    high: float
    """Height of the letters, in pixels."""


def of(widget: Any) -> Iterator[Letters]:
    """What is written by this widget itself: a label's text, or the parts of a price."""
    from kivy.graphics import Rectangle

    from kiosk_ui.widgets.text import PriceTag

    if isinstance(widget, PriceTag):
        for part in widget.canvas.children if widget.whole and min(widget.size) > 1 else ():
            if isinstance(part, Rectangle):
                left, bottom = _in_window(widget, *part.pos)
                yield Letters(widget, widget.read(), part.texture, left, bottom, part.size[1] * 0.75)
    elif getattr(widget, "text", "") and getattr(widget, "texture", None) is not None:
        wide, high = widget.texture_size
        # As the rule of a label has it, in `text.kv`.
        left, bottom = _in_window(widget, int(widget.center_x - wide / 2), int(widget.center_y - high / 2))
        yield Letters(widget, widget.text, widget.texture, left, bottom, widget.font_size)


def _in_window(widget: Any, x: float, y: float) -> tuple[float, float]:
    """Where it is drawn; a screen that stands all day moves a little each minute."""
    x, y = widget.to_window(x, y)
    above = widget.parent
    while above is not None and above is not above.parent:
        shift = getattr(getattr(above, "view", None), "shift", None)
        if shift is not None:
            return x + shift[0], y + shift[1]
        above = above.parent
    return x, y


def cropped(letters: Letters, pixels: Pixels, clip: Box) -> tuple[Pixels, Pixels]:
    """What is seen of it through `clip` (left, bottom, right, top): the picture there, and the texture, which has a
    fourth part: how far letters cover each pixel.
    """
    wide, high = letters.texture.size
    texture = np.frombuffer(letters.texture.pixels, np.uint8).reshape(high, wide, 4)
    left, top = round(letters.left), round(len(pixels) - letters.bottom - high)
    edges = (round(clip[0]), round(len(pixels) - clip[3]), round(clip[2]), round(len(pixels) - clip[1]))
    first, last = max(left, edges[0], 0), min(left + wide, edges[2], pixels.shape[1])
    upper, lower = max(top, edges[1], 0), min(top + high, edges[3], len(pixels))
    if first >= last or upper >= lower:
        return pixels[:0, :0], texture[:0, :0]
    return pixels[upper:lower, first:last], texture[upper - top : lower - top, first - left : last - left]


def contrast(place: Pixels, texture: Pixels) -> tuple[float, float]:
    """Of letters against the ground around them, and the part of the letters that is not to be seen. Of a text in two
    colours, the worse.
    """
    covered = texture[..., 3]
    whole = covered >= max(1.0, covered.max(initial=0) * WHOLE)
    found = [_contrast(place, covered, whole & each) for each in _colours(texture, whole)]
    return min((apart for apart, _ in found), default=NONE), max((hidden for _, hidden in found), default=0.0)


def _colours(texture: Pixels, whole: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    shades = (texture[..., :3].astype(np.intp) >> 4) @ np.array([256, 16, 1])
    for shade, count in zip(*np.unique(shades[whole], return_counts=True), strict=True):
        if count >= FEWEST:
            yield shades == shade


def _contrast(place: Pixels, covered: NDArray[np.uint8], ink: NDArray[np.bool_]) -> tuple[float, float]:
    ground = _near(ink) & (covered == 0)
    if ground.sum() < FEWEST:
        return NONE, 0.0
    found = place[ink]
    colour = np.median(found, axis=0)
    hidden = float((np.abs(found - colour).max(axis=1) > APART).mean())
    lights, light = luminance(place[ground]), float(luminance(colour))
    apart = (np.maximum(lights, light) + 0.05) / (np.minimum(lights, light) + 0.05)
    return float(np.percentile(apart, WORST)), hidden


def _near(letters: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Them, and `AROUND` pixels on each side."""
    found = letters.copy()
    for _ in range(AROUND):
        grown = found.copy()
        grown[1:] |= found[:-1]
        grown[:-1] |= found[1:]
        grown[:, 1:] |= found[:, :-1]
        grown[:, :-1] |= found[:, 1:]
        found = grown
    return found


def linear(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """Light of each part, 0 to 1."""
    return np.where(rgb <= 0.04045 * 255, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)


LINEAR: Final = linear(np.arange(256))


def luminance(rgb: NDArray[Any]) -> Any:
    """As WCAG 2 has it."""
    parts = LINEAR[rgb] if rgb.dtype == np.uint8 else linear(rgb)
    return parts @ np.array([0.2126, 0.7152, 0.0722])
