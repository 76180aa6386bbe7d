"""Draws the signs of what everybody may set for themselves; a part of `kiosk_ui.bake`."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

FINE: Final = 4
SIDE: Final = 128
LINE: Final = 9

Points = list[tuple[float, float]]


class Pen:
    """Draws on a field of 128 with round ends."""

    def __init__(self) -> None:
        self.field = Image.new("L", (SIDE * FINE, SIDE * FINE))
        self._draw = ImageDraw.Draw(self.field)

    def path(self, points: Points, width: float = LINE) -> None:
        """A line with round ends and corners."""
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(scaled, fill=255, width=round(width * FINE), joint="curve")
        for x, y in scaled:
            r = width * FINE / 2
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=255)

    def dot(self, x: float, y: float, radius: float) -> None:
        """A full circle."""
        self._draw.ellipse(
            ((x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE), fill=255
        )

    def arc(self, x: float, y: float, radius: float, start: float, end: float) -> None:
        """A part of a circle, clockwise from three o'clock."""
        box = ((x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE)
        self._draw.arc(box, start, end, fill=255, width=LINE * FINE)

    def shape(self, points: Points) -> None:
        """A filled shape."""
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=255)

    def half(self, x: float, y: float, radius: float) -> None:
        """The right half of a full circle."""
        box = ((x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE)
        self._draw.pieslice(box, -90, 90, fill=255)

    def picture(self) -> Image.Image:
        """White, seen through what was drawn."""
        shape = self.field.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        found = Image.new("RGBA", shape.size, (255, 255, 255, 0))
        found.putalpha(shape)
        return found


def speaker(waves: int) -> Image.Image:
    """A loudspeaker with so many waves."""
    pen = Pen()
    pen.shape([(14, 50), (34, 50), (60, 28), (60, 100), (34, 78), (14, 78)])
    pen.path([(14, 50), (34, 50), (60, 28), (60, 100), (34, 78), (14, 78), (14, 50)], 6)
    for wave in range(waves):
        pen.arc(60, 64, 24 + 18 * wave, -42, 42)
    return pen.picture()


def louder() -> Image.Image:
    """A loudspeaker and a plus."""
    pen = Pen()
    pen.shape([(14, 50), (34, 50), (60, 28), (60, 100), (34, 78), (14, 78)])
    pen.path([(14, 50), (34, 50), (60, 28), (60, 100), (34, 78), (14, 78), (14, 50)], 6)
    pen.path([(78, 64), (116, 64)])
    pen.path([(97, 45), (97, 83)])
    return pen.picture()


def halves() -> Image.Image:
    """A circle that is half full: contrast."""
    pen = Pen()
    pen.arc(64, 64, 52, 0, 360)
    pen.half(64, 64, 46)
    return pen.picture()


def hand() -> Image.Image:
    """An arrow to the left out of a bar: for the left hand."""
    pen = Pen()
    pen.path([(16, 64), (88, 64)])
    pen.path([(44, 34), (14, 64), (44, 94)])
    pen.path([(112, 22), (112, 106)])
    return pen.picture()


def chevron(*, up: bool) -> Image.Image:
    """Up or down."""
    pen = Pen()
    low, high = (84, 44) if up else (44, 84)
    pen.path([(24, low), (64, high), (104, low)], 14)
    return pen.picture()


def signs() -> dict[str, Image.Image]:
    """Every sign by its name."""
    return {
        "speaker": speaker(2),
        "louder": louder(),
        "contrast": halves(),
        "hand": hand(),
        "up": chevron(up=True),
        "down": chevron(up=False),
    }
