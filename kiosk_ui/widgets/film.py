"""A film on the glass, without sound: whole, in the middle of its place, where the clock says that it is."""

from __future__ import annotations

import time
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk_ui.films import FilmFrame, Reel


class Film(Widget):
    """Plays the film of a path for as long as it is seen."""

    path = StringProperty("")
    since = NumericProperty(0.0)
    """Unix seconds of its first picture."""
    playing = BooleanProperty(False)
    """A picture of it is on the glass."""

    __events__ = ("on_failed",)

    def __init__(self, **kwargs: Any) -> None:
        self._reel: Reel | None = None
        self._timer: Any = None
        self._shape = (0, 0)
        super().__init__(**kwargs)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._frame = Rectangle(size=(0, 0))
        for name in ("pos", "size"):
            self.fbind(name, self._place)
        for name in ("path", "since"):
            self.fbind(name, self._begin)
        self._begin()

    def on_failed(self, path: str) -> None:
        """The film of this path cannot be played."""

    def _begin(self, *_: object) -> None:
        if self._reel is not None:
            self._reel.stop()
        self._reel, self.playing, self._shape = None, False, (0, 0)
        self._place()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = Clock.schedule_interval(self._tick, 0) if self.path else None

    def _tick(self, _dt: float) -> None:
        if self.get_root_window() is None:
            return
        if self._reel is None or self._reel.left:
            self._reel = Reel(self.path, self._position, (int(self.width), int(self.height)))
        picture = self._reel.take()
        if picture is not None:
            self._draw(picture)
        elif self._reel.failed:
            path, self.path = self.path, ""
            self.dispatch("on_failed", path)

    def _position(self) -> float:
        return time.time() - float(self.since)

    def _draw(self, picture: FilmFrame) -> None:
        texture = self._frame.texture
        if texture is None or texture.size != (picture.row, picture.height):
            texture = Texture.create(size=(picture.row, picture.height), colorfmt="rgba")
        texture.blit_buffer(picture.pixels, colorfmt="rgba")
        right = picture.width / picture.row
        self._frame.texture = texture
        self._frame.tex_coords = (0, 1, right, 1, right, 0, 0, 0)
        self._shape = (picture.width, picture.height)
        self._place()
        self.playing = True
        self.canvas.ask_update()

    def _place(self, *_: object) -> None:
        width, height = self._shape
        scale = min(self.width / width, self.height / height) if width and height else 0.0
        self._frame.size = (width * scale, height * scale)
        self._frame.pos = (self.center_x - width * scale / 2, self.center_y - height * scale / 2)
