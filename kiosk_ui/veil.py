"""What a picture of the screen leaves out: digits that somebody enters, and codes that live for moments.

The glass shows them to whoever stands before it; a picture travels. So it is painted over by where the widgets are, not
by what they say: a letter that is drawn a frame late is covered too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PIL import Image, ImageDraw

from kiosk_ui.picture import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK: Final = "blank"
"""A widget whose `veil` says so is painted over."""
DOT: Final = "dot"
"""It is painted over, with a dot where its `digit` is not empty."""
PRESSED: Final = "pressed"
"""It is painted over while any key of this sort is down."""
GROUND: Final = (239, 231, 218, 255)
INK: Final = (20, 35, 28, 255)
DOT_RADIUS: Final = 0.14
"""Radius of a dot, of the place's height."""


class Patch(NamedTuple):
    """A part of the window, in its pixels from the bottom left."""

    left: float
    bottom: float
    right: float
    top: float
    dot: bool
    """Whether something is entered here."""


def patches(root: Any) -> list[Patch]:
    """Everything that a picture must not show."""
    found = [(widget.veil, widget) for widget in root.walk(restrict=True) if getattr(widget, "veil", "")]
    # A key that is down is painted otherwise: then none of them is shown.
    pressed = any(sort == PRESSED and widget.state == "down" for sort, widget in found)
    return [
        _patch(widget, dot=sort == DOT and bool(widget.digit)) for sort, widget in found if sort != PRESSED or pressed
    ]


def _patch(widget: Any, *, dot: bool) -> Patch:
    left, bottom = widget.to_window(widget.x, widget.y)
    right, top = widget.to_window(widget.right, widget.top)
    return Patch(left, bottom, right, top, dot)


def veiled(frame: Frame, over: Iterable[Patch]) -> Frame:
    """The frame with these patches painted over."""
    picture = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels)
    draw = ImageDraw.Draw(picture)
    for patch in over:
        box = (patch.left, frame.height - patch.top, patch.right, frame.height - patch.bottom)
        draw.rectangle(box, fill=GROUND)
        if patch.dot:
            across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            radius = DOT_RADIUS * (patch.top - patch.bottom)
            draw.ellipse((across - radius, down - radius, across + radius, down + radius), fill=INK)
    return Frame(frame.width, frame.height, picture.tobytes())
