"""The glass itself: the pixels that were drawn on it, and fingers that come from elsewhere. All on Kivy's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, Rectangle
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.input.motionevent import MotionEvent
from PIL import Image

from kiosk_ui.panel_check import mark_px
from kiosk_ui.picture import Frame
from kiosk_ui.remote_glass import RemoteGlass

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk_ui.panel_check import Colour
    from kiosk_ui.remote_glass import Finger


def pixels() -> Frame:
    """What lies in the window's own memory now: call it between drawing and showing (`on_flip`)."""
    width, height = map(int, Window.system_size)
    raw = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
    upright = Image.frombytes("RGBA", (width, height), bytes(raw)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return Frame(width, height, upright.tobytes())


class Mark:
    """A mark at the top left that is there for looks alone: nobody sees it."""

    def __init__(self) -> None:
        # It stays among what is drawn, of no size: what is added and taken away is drawn with yesterday's matrix.
        with Window.canvas.after:
            self._colour = Color(1, 1, 1, 1)
            self._square = Rectangle(size=(0, 0))

    def look(self, colour: Colour) -> Frame:
        """Everything drawn once more, with the mark in this colour. It is read and not shown."""
        side = mark_px(*map(int, Window.system_size))
        self._colour.rgba = (*(part / 255 for part in colour), 1)
        self._square.pos, self._square.size = (0, Window.height - side), (side, side)
        try:
            Window.dispatch("on_draw")
            return pixels()
        finally:
            self._square.size = (0, 0)
            Window.canvas.ask_update()


class _Touch(MotionEvent):
    """A finger of somebody who sits elsewhere."""

    def __init__(self, finger: Finger) -> None:
        where = {"x": finger.x, "y": 1 - finger.y}
        super().__init__("elsewhere", f"elsewhere-{finger.id}", where, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, Any]) -> None:
        """See `MotionEvent`: Kivy's zero is at the bottom left."""
        self.sx, self.sy = args["x"], args["y"]
        self.profile = ["pos"]
        super().depack(args)


class Fingers:
    """The fingers that lie on the glass."""

    def __init__(self) -> None:
        self._down: dict[int, _Touch] = {}

    def touch(self, fingers: tuple[Finger, ...]) -> None:
        """Each as if it touched the panel. What makes no sense (up before down) is passed by."""
        for finger in fingers:
            if finger.phase == "down":
                if finger.id in self._down:
                    self._end(finger)
                self._down[finger.id] = _Touch(finger)
                self._tell("begin", self._down[finger.id])
            elif finger.id in self._down:
                self._down[finger.id].move({"x": finger.x, "y": 1 - finger.y})
                if finger.phase == "move":
                    self._tell("update", self._down[finger.id])
                else:
                    self._end(finger)

    def _end(self, finger: Finger) -> None:
        touch = self._down.pop(finger.id)
        touch.update_time_end()
        self._tell("end", touch)

    def _tell(self, kind: str, touch: _Touch) -> None:
        EventLoop.post_dispatch_input(kind, touch)


def remote_glass_of(folder: Path) -> RemoteGlass:
    """The glass for somebody elsewhere, from now on."""
    hand = Fingers()
    glass = RemoteGlass(
        folder,
        look=lambda: Clock.schedule_once(lambda _dt: Window.canvas.ask_update()),
        touch=lambda fingers: Clock.schedule_once(lambda _dt: hand.touch(fingers)),
    )
    Window.bind(on_flip=lambda *_: glass.drawn(pixels()) if glass.watched else None)
    glass.start()
    return glass
