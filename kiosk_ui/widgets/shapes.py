"""Rounded panels, the countdown's ring, the stock's bar.

From baked nine-patches, because Kivy's own curves have stairs.
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import BorderImage, Color, InstructionGroup, Mesh, SmoothLine
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk_ui import assets, theme

CORNER = 64
"""Pixels of a corner in the baked shapes."""
SHADOW = (256, 112, 48)
"""Pixels of the baked shadow: its side, its corner, and how far it reaches past what casts it, at a radius of 40."""

WHOLE = [corner + step for corner in (0, 1, 2, 4, 6, 8, 9, 10, 5) for step in (0, 1, 5, 0, 5, 4)]
"""The nine parts as two triangles each, by the corners of `_nine`; the middle is the last."""
AROUND = WHOLE[:-6]

PRESS_S = 0.05
PRESSED_AT = "key.front"
"""Which screen was in front when a finger came down on a key, kept with its touch."""
NOTHING = (0, 0)
"""Size of what is not to be seen."""


class Panel(Widget):
    """A rounded, coloured ground, with or without a soft shadow. Mixed into a layout it lies under the children."""

    colour = ColorProperty(theme.WHITE)
    radius = NumericProperty(36)
    shape = OptionProperty("round", options=("round", "round_top", "round_left"))
    shadow = NumericProperty(0)
    """How far the shadow reaches, in pixels."""
    line = ColorProperty(theme.CLEAR)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Most panels have neither: what is only drawn clear costs a software renderer as much as any other colour.
        self._below: Mesh | None = None
        self._edge: BorderImage | None = None
        with self.canvas.before:
            self._tint = Color(*self.colour)
            self._ground = BorderImage(source=assets.baked(self.shape))
        for name in ("colour", "radius", "shape", "shadow", "line", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        radius = max(1, min(self.radius, self.width / 2, self.height / 2))
        corner = CORNER - 1
        borders = {"round": (1, 1, 1, 1), "round_top": (0, 1, 1, 1), "round_left": (1, 0, 1, 1)}
        self._tint.rgba = theme.flat(self.colour)
        slices = borders[self.shape]
        self._ground.source = assets.baked(self.shape)
        self._ground.border = tuple(corner * side for side in slices)
        self._ground.display_border = tuple(radius * side for side in slices)
        self._ground.pos, self._ground.size = self.pos, self.size
        if self.shadow or self._below is not None:
            self._draw_below(radius)
        if self.line[3] or self._edge is not None:
            self._draw_edge(radius)

    def _draw_below(self, radius: float) -> None:
        if self._below is None:
            self._below = Mesh(mode="triangles", source=assets.baked("shadow"))
            behind = InstructionGroup()
            behind.add(Color(1, 1, 1, 1))
            behind.add(self._below)
            self.canvas.before.insert(0, behind)
        reach, fall = self.shadow, self.shadow * 0.22
        self._below.vertices = _nine(
            self._below.texture,
            (self.x - reach, self.y - reach - fall, self.width + 2 * reach, self.height + 2 * reach),
            reach + radius,
        )
        # What lies under the ground is not drawn: it would cost as much as the ground.
        self._below.indices = (AROUND if radius > fall else WHOLE) if reach else []

    def _draw_edge(self, radius: float) -> None:
        if self._edge is None:
            with self.canvas.after:
                self._ink = Color(*self.line)
                self._edge = BorderImage(source=assets.baked("outline"), border=(CORNER - 1,) * 4)
        self._ink.rgba = theme.flat(self.line)
        self._edge.display_border, self._edge.pos = (radius,) * 4, self.pos
        self._edge.size = self.size if self.line[3] else NOTHING


def _nine(texture: Any, place: tuple[float, float, float, float], side: float) -> list[float]:
    """The sixteen corners of the nine parts of the baked shadow, from the bottom left, a row after the other."""
    left, bottom, width, height = place
    part = SHADOW[1] / SHADOW[0]
    (u, v), (across, up) = texture.uvpos, texture.uvsize
    found = []
    for y, down in ((0, 0), (side, part), (height - side, 1 - part), (height, 1)):
        for x, along in ((0, 0), (side, part), (width - side, 1 - part), (width, 1)):
            found += [left + x, bottom + y, u + along * across, v + down * up]
    return found


class BoxPanel(Panel, BoxLayout):
    """A panel that lays its children out in a row or column."""


class FloatPanel(Panel, FloatLayout):
    """A panel whose children place themselves."""


class WithControls(Widget):
    """Knows what stands on the buttons that every screen has, as of when it was made, or told by `tell`."""

    controls = ObjectProperty(None, rebind=True)
    """`Controls`."""
    comfort = ObjectProperty(None, rebind=True)
    """`Comfort`."""

    def __init__(self, **kwargs: Any) -> None:
        app = App.get_running_app()
        self.controls, self.comfort = app.controls, app.comfort
        super().__init__(**kwargs)


def tell(root: Widget, controls: Any, comfort: Any) -> None:
    """Whatever is seen of it shows this now."""
    for widget in root.walk(restrict=True):
        if isinstance(widget, WithControls):
            widget.controls, widget.comfort = controls, comfort


class Key(WithControls, ButtonBehavior, BoxPanel):
    """A button: darkens under the finger. Its place in the tree is its place in the order of keys."""

    spoken = StringProperty("")
    """What a voice says of it; where it is empty, the words that stand on it."""
    ground = ColorProperty(theme.WHITE)
    pressed = ColorProperty(theme.SAND)

    def on_touch_down(self, touch: Any) -> bool:
        """A finger comes down."""
        taken = bool(super().on_touch_down(touch))
        if self in touch.ud:
            touch.ud[PRESSED_AT] = _front()
        return taken

    def on_touch_up(self, touch: Any) -> bool:
        """It goes up again. Where another screen came in front meanwhile (a scan, another finger), nothing is pressed:
        the key is Kivy's to the end of the touch, though it is not on the glass any more, or now says something else.
        """
        if touch.grab_current is not self or self._stands(touch.ud.get(PRESSED_AT)):
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self.state = "normal"
        return True

    def press(self) -> None:
        """As a finger does: it is seen to be pressed for a moment."""
        front = _front()
        self.state = "down"
        Clock.schedule_once(lambda _dt: self._let_go(front), PRESS_S)

    def _let_go(self, front: int) -> None:
        self.state = "normal"
        if self._stands(front):
            self.dispatch("on_release")

    def _stands(self, front: int | None) -> bool:
        """Whether it is still on the glass, in the screen that was in front then."""
        return self.get_root_window() is not None and not self.disabled and front == _front()


def _front() -> int:
    """Which screen is in front."""
    return int(App.get_running_app().flow.front.key)


class Ring(Widget):
    """The part of a circle that is left, from twelve o'clock round."""

    fraction = NumericProperty(1.0)
    colour = ColorProperty(theme.LEAF)
    track = ColorProperty(theme.SAND)
    thickness = NumericProperty(4)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("fraction", "colour", "track", "thickness", "pos", "size"):
            self.fbind(name, self._draw)

    def _draw(self, *_: object) -> None:
        radius = min(self.size) / 2 - self.thickness
        self.canvas.clear()
        if radius <= 0:
            return
        x, y = self.x + self.width / 2, self.y + self.height / 2
        with self.canvas:
            Color(*self.track)
            SmoothLine(circle=(x, y, radius), width=self.thickness / 2)
            if self.fraction > 0:
                Color(*self.colour)
                SmoothLine(circle=(x, y, radius, 0, 360 * self.fraction), width=self.thickness / 2)


class StockBar(Panel):
    """The part of the stock that is left."""

    fraction = NumericProperty(1.0)
    few = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.colour = theme.SAND
        with self.canvas:
            self._fill = Color(*theme.LEAF_BAR)
            self._part = BorderImage(source=assets.baked("round"), border=(CORNER - 1,) * 4)
        for name in ("fraction", "few", "pos", "size"):
            self.fbind(name, self._draw_part)
        self._draw_part()

    def _draw_part(self, *_: object) -> None:
        self._fill.rgba = theme.TOMATO if self.few else theme.LEAF_BAR
        self._part.display_border = (self.height / 2,) * 4
        self._part.pos = self.pos
        self._part.size = (max(self.height, self.width * self.fraction), self.height if self.fraction > 0 else 0)
