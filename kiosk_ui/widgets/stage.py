"""Where the screens are drawn: on the whole glass, or in a frame: for whoever sits, in the part of it that a hand
reaches, and with letters twice as high.

In the frame a screen of any make stays as large as it is and is looked at through a window that a finger and two keys
move; what is so high that nobody reaches it tells what screen this is. Laid out in `stage.kv`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from kivy.app import App
from kivy.graphics import Color, Rectangle, RenderContext
from kivy.graphics.shader import Shader
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.stencilview import StencilView

from kiosk_ui import contrast, theme
from kiosk_ui.widgets.controls import ControlKey
from kiosk_ui.widgets.shapes import NOTHING, BoxPanel, Key, WithControls, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = 0.8
"""Part of the window that a key moves it by."""
DRAG: Final = 0.02
"""Part of its width that a finger moves before it drags; less is a finger that is not still."""
TOLD: Final = ("store", "here", "clock", "heading", "note", "saying")
"""What stands above a framed screen."""
FROM: Final = "frame.from"
"""Where the window stood when a finger came down, kept with its touch."""


class Viewport(StencilView, FloatLayout):
    """The window onto a screen that is higher than it. `moved` is how far down it stands, in pixels."""

    moved = NumericProperty(0)
    more_above = BooleanProperty(False)
    more_below = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("moved", "pos", "size", "children"):
            self.fbind(name, lambda *_: self.arrange())

    @property
    def tallest(self) -> float:
        """Height of the highest screen."""
        widgets = [layer.seen for layer in self.children if layer.seen is not None and not layer.disabled]
        return max([0.0, *(float(widget.height) for widget in widgets)])

    @property
    def lies_low(self) -> bool:
        """Whether what is seen stands at the bottom and needs no more room than it has."""
        seen = [layer.seen for layer in self.children if layer.seen is not None and not layer.disabled]
        return bool(seen) and all(getattr(widget, "lies_low", False) for widget in seen)

    @property
    def beyond(self) -> float:
        """How much of it does not fit."""
        return max(0.0, self.tallest - float(self.height))

    def arrange(self) -> None:
        """Puts the layers where they are to be seen."""
        beyond = self.beyond
        self.moved = min(max(0.0, self.moved), beyond)
        self.more_above, self.more_below = self.moved > 1, self.moved < beyond - 1
        for layer in self.children:
            layer.size_hint = (None, None)
            layer.size = (self.width, self.height + beyond)
            layer.pos = (self.x, self.y - beyond + self.moved)

    def turn(self, by: int) -> None:
        """Moves on by most of what is seen, down or up."""
        self.moved = min(max(0.0, self.moved + by * self.height * PAGE), self.beyond)

    def bring(self, widget: Any) -> None:
        """Moves so that the widget is in sight."""
        bottom = widget.to_window(*widget.pos)[1]
        below, above = self.y - bottom, bottom + widget.height - self.top
        if below > 0:
            self.moved += min(self.beyond, below + self.height * 0.06)
        elif above > 0:
            self.moved -= above + self.height * 0.06

    def on_touch_down(self, touch: Any) -> bool:
        """What is not in sight is not touched."""
        if not self.collide_point(*touch.pos):
            return False
        touch.ud[FROM] = self.moved
        return bool(super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        """A finger that moves on takes the screen with it, and presses nothing."""
        held = [widget for widget in (each() for each in touch.grab_list) if widget is not None]
        if FROM not in touch.ud or not self.beyond or not all(isinstance(widget, Key) for widget in held):
            return bool(super().on_touch_move(touch))
        by = touch.y - touch.oy
        if abs(by) > self.width * DRAG:
            for key in held:
                touch.ungrab(key)
                key.state = "normal"
            held = []
        if not held:
            self.moved = min(max(0.0, touch.ud[FROM] + by), self.beyond)
        return True


class LowKey(ControlKey):
    """A key of the bar under the frame: a sign over a word."""

    sign = StringProperty("globe")
    chosen = BooleanProperty(False)


class TurnLow(Key):
    """Moves what is seen up or down."""

    by = NumericProperty(1)
    words = StringProperty("")
    sign = StringProperty("down")
    leads = BooleanProperty(True)


class LowBar(WithControls, BoxLayout):
    """What everybody may set for themselves, at the very bottom; over it, where a screen is higher than the frame, the
    two keys that move it.
    """

    turns = BooleanProperty(True)

    @property
    def bare(self) -> float:
        """Its height without those two, in pixels."""
        return float(self.ids.settings.minimum_height + self.padding[1] + self.padding[3])


class Above(WithControls, BoxPanel):
    """What is too high to be touched: which screen this is, and what is being said."""

    ink = ColorProperty(theme.WHITE)
    k = NumericProperty(1)
    """How many times as high letters are."""
    heading = StringProperty("")
    note = StringProperty("")
    saying = StringProperty("")
    store = StringProperty("")
    here = StringProperty("")
    clock = StringProperty("")


class Stage(FloatLayout):
    """Holds the layers. `framed` and `band` (bottom and top, in pixels) say where."""

    framed = BooleanProperty(False)
    dark = BooleanProperty(False)
    """High contrast."""
    band = ListProperty([0, 0])
    heading = StringProperty("")
    note = StringProperty("")
    saying = StringProperty("")
    store = StringProperty("")
    here = StringProperty("")
    clock = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self.canvas = RenderContext(
            use_parent_projection=True, use_parent_modelview=True, use_parent_frag_modelview=True
        )
        super().__init__(**kwargs)
        self._plain: Shader = self.canvas.shader.fs
        with self.canvas.before:
            # Only where the window's own does not do: it does not turn dark, and a picture of the widgets has none.
            Color(*theme.CREAM)
            self._ground = Rectangle()
        for name in ("pos", "size"):
            self.fbind(name, lambda *_: self._cover())
        self.layers: list[Any] = []
        self.hole = Viewport(size_hint=(None, None))
        self.bar: Any = None
        self.above: Any = None
        self._furniture: tuple[Any, Any, Any] = (None, None, None)
        """What stands around a framed screen, and the lengths that it was laid out by."""
        for name in ("band", "pos", "size"):
            self.fbind(name, lambda *_: self.arrange())
        for name in TOLD:
            self.fbind(name, self._say)
        self.fbind("framed", lambda *_: self._move_in())
        self.fbind("dark", lambda *_: self._shade())

    def _say(self, *_: object) -> None:
        above = self._furniture[-1]
        if above is not None:  # also where it is not seen: nothing of one shopper stays in it for the next
            for name in TOLD:
                setattr(above, name, getattr(self, name))

    def furnish(self) -> None:
        """Puts in what stands around a framed screen, made for the letters and the glass as they are now."""
        for old in filter(None, (self.bar, self.above)):
            self.remove_widget(old)
        self.bar = self.above = None
        if self.framed:
            if self._furniture[0] != (metrics := App.get_running_app().m):
                self._furniture = metrics, LowBar(size_hint=(None, None)), Above(size_hint=(None, None))
                self._furniture[1].bind(height=lambda *_: self.arrange())
            self.bar, self.above = self._furniture[1:]
            self.add_widget(self.above, index=len(self.children))
            self.add_widget(self.bar)
            self._say()
        self.arrange()

    def tell(self, controls: Any, comfort: Any) -> None:
        """What is seen shows this on the buttons that every screen has."""
        for layer in self.layers:
            layer.tell(controls, comfort)
        for part in filter(None, (self.bar, self.above)):
            tell(part, controls, comfort)

    def hold(self, *layers: Any) -> None:
        """These are drawn here, the last in front."""
        self.layers = list(layers)
        for layer in layers:
            layer.fbind("high", lambda *_: self.arrange())
        self._move_in()

    def _move_in(self) -> None:
        home = self.hole if self.framed else self
        for layer in self.layers:
            if layer.parent is not None:
                layer.parent.remove_widget(layer)
        self.clear_widgets()
        if self.framed:
            self.add_widget(self.hole)
        for layer in self.layers:
            layer.size_hint, layer.pos = (1, 1), self.pos
            home.add_widget(layer)
        self.hole.moved = 0
        self.furnish()

    def arrange(self) -> None:
        """Puts everything in its place; also where a screen became higher."""
        if self.bar is None:
            return
        bottom, top = self.band
        self.bar.turns = self.hole.tallest > top - bottom - self.bar.bare + 1
        self.bar.width, self.bar.pos = self.width, (self.x, self.y + bottom)
        if self.hole.lies_low:
            top = min(top, bottom + self.bar.height + self.hole.tallest)
        self.hole.size = (self.width, max(1.0, top - bottom - self.bar.height))
        self.hole.pos = (self.x, self.y + bottom + self.bar.height)
        self.above.size, self.above.pos = (self.width, max(0.0, self.height - top)), (self.x, self.y + top)
        self.above.opacity = 1 if self.height - top > self.width * 0.12 else 0
        self.hole.arrange()

    def _cover(self) -> None:
        self._ground.pos, self._ground.size = self.pos, self.size if self.dark else NOTHING

    @contextmanager
    def on_ground(self) -> Iterator[None]:
        """What is drawn meanwhile has a ground of its own."""
        self._ground.size = self.size
        try:
            yield
        finally:
            self._cover()

    def _shade(self) -> None:
        self._cover()
        self.canvas.shader.fs = contrast.SHADER if self.dark else self._plain
