"""A QR code that a phone reads from the glass: whole pixels a module, four modules of white around it.

The panel around it is laid out in `code.kv`.
"""

from __future__ import annotations

from typing import Any, Final

import segno
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk_ui import veil
from kiosk_ui.widgets.shapes import FloatPanel

QUIET: Final = 4
"""Modules of white around a code; the standard's own number."""
INK: Final = bytes((12, 28, 22))
PAPER: Final = b"\xff\xff\xff"


def pixels(url: str) -> tuple[int, bytes]:
    """Modules along a side, quiet zone included, and their RGB bytes, bottom row first as a texture has it."""
    code = segno.make(url, error="m", micro=False, boost_error=False)
    rows = [b"".join(INK if dark else PAPER for dark in row) for row in code.matrix_iter(border=QUIET)]
    return len(rows), b"".join(reversed(rows))


class QRCode(Widget):
    """Shows `url` as large as whole pixels a module allow, centred; nothing where there is no url."""

    url = StringProperty("")
    veil = veil.BLANK

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._texture: Any = None
        self.fbind("url", self._encode)
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)
        self._encode()

    def again(self) -> tuple[Any, tuple[tuple[str, Any], ...], float] | None:
        """How it is drawn once more; see `kiosk_ui.widgets.pieces`."""
        return (QRCode, (("url", self.url),), 0.6) if self.url else None

    def _encode(self, *_: object) -> None:
        self._texture = None
        if self.url:
            side, colours = pixels(self.url)
            self._texture = Texture.create(size=(side, side), colorfmt="rgb")
            self._texture.mag_filter = self._texture.min_filter = "nearest"
            self._texture.blit_buffer(colours, colorfmt="rgb", bufferfmt="ubyte")
        self._draw()

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        if self._texture is None:
            return
        modules = self._texture.width
        side = modules * max(1, int(min(self.size) // modules))
        with self.canvas:
            Color(1, 1, 1, 1)
            Rectangle(
                texture=self._texture,
                # Not `center_x`: while `pos` is being told to us it may still be the old one.
                pos=(round(self.x + (self.width - side) / 2), round(self.y + (self.height - side) / 2)),
                size=(side, side),
            )


class CodePanel(FloatPanel):
    """A QR code on its panel, or plain words why there is none. Always square."""

    url = StringProperty("")
    reason = StringProperty("")
    sign = StringProperty("pause")
    note = StringProperty("")
    k = NumericProperty(1.0)
    room = NumericProperty(0)
    """Height that the words leave to it, in pixels."""
