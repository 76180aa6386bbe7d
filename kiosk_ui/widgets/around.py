"""What stands around a list, as it was drawn once: where only the list was moved, it is drawn again as one texture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kivy.core.window import Window
from kivy.graphics import (
    Callback,
    Canvas,
    ClearBuffers,
    ClearColor,
    Color,
    Fbo,
    Rectangle,
    ScissorPop,
    ScissorPush,
)
from kivy.graphics.opengl import GL_BLEND, glDisable, glEnable
from kivy.uix.stencilview import StencilView

from kiosk_ui import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk_ui.widgets.held import Box


class Rest(NamedTuple):
    """What is drawn besides one widget, by instructions."""

    before: tuple[Any, ...]
    after: tuple[Any, ...]

    @property
    def changed(self) -> bool:
        """Whether it is drawn otherwise than in the last frame."""
        return any(each.needs_redraw for each in (*self.before, *self.after))


class Around:
    """Draws whole frames of the window, all but one widget as it was drawn before."""

    def __init__(self) -> None:
        self._widget: Any = None
        self._rest: Rest | None = None
        """What is on the picture. None: there is none."""
        self._fbo = Fbo(size=(1, 1))
        for each in (ClearColor(*theme.CREAM), ClearBuffers(), Callback(self._draw_rest)):
            self._fbo.add(each)
        self._parts = [Rectangle() for _ in range(4)]
        self._picture, self._cut, self._cut_no_more = Canvas(), ScissorPush(), ScissorPop()
        for step in (
            Callback(lambda _: glDisable(GL_BLEND)),  # it covers everything
            Color(1, 1, 1, 1),
            *self._parts,
            Callback(lambda _: glEnable(GL_BLEND)),
        ):
            self._picture.add(step)

    def draw(self, widget: Any, box: Box) -> bool:
        """Draws a frame of which nothing but the widget, which covers this part of it, changed. Whether that was so."""
        rest = None if Window.rotation else _rest(widget)  # what cuts knows the panel's own pixels alone
        if rest is None or rest.changed:
            self._rest = None
            return False
        if self._rest != rest or self._fbo.size != Window.size:
            self._take(widget, rest)
        self._place(box)
        drawn, whole = Window.canvas.children, list(Window.canvas.children)
        # What reaches over the widget is drawn anew, there alone. All is covered: nothing need be cleared.
        drawn[:] = self._picture, widget.canvas, self._cut, *rest.after, self._cut_no_more
        try:
            Window.render_context.draw()
        finally:
            drawn[:] = whole
        return True

    def forget(self) -> None:
        """Nothing is left of what was drawn, nor of its memory."""
        self._rest, self._fbo.size = None, (1, 1)
        for part in self._parts:
            part.texture = None

    def _take(self, widget: Any, rest: Rest) -> None:
        self._rest, self._widget = rest, widget
        if self._fbo.size != Window.size:
            self._fbo.size = Window.size
            self._fbo.texture.mag_filter = self._fbo.texture.min_filter = "nearest"
        self._fbo.ask_update()
        self._fbo.draw()
        self._widget = None

    def _draw_rest(self, _instruction: object) -> None:
        drawn = self._widget.canvas.children
        steps, drawn[:] = list(drawn), ()
        Window.canvas.draw()
        drawn[:] = steps

    def _place(self, box: Box) -> None:
        left, bottom, right, top = box
        width, height = Window.size
        self._cut.pos, self._cut.size = (left, bottom), (right - left, top - bottom)
        boxes = ((0, 0, width, bottom), (0, bottom, left, top), (right, bottom, width, top), (0, top, width, height))
        for part, (x, y, end, up) in zip(self._parts, boxes, strict=True):
            part.texture, part.pos, part.size = self._fbo.texture, (x, y), (end - x, up - y)
            a, b, c, d = x / width, y / height, end / width, up / height
            part.tex_coords = (a, b, c, b, c, d, a, d)


def _rest(widget: Any) -> Rest | None:
    """What else is drawn; None where what the widget stands in cuts or fades it."""
    before: list[Any] = []
    after: list[Any] = []
    for inner, outer in _path(widget):
        if isinstance(outer, StencilView) or (outer is not Window and outer.opacity != 1):
            return None
        steps = outer.canvas.children
        place = steps.index(inner.canvas)
        before = [*steps[:place], *before]
        after += steps[place + 1 :]
    return Rest(tuple(before), tuple(after))


def _path(widget: Any) -> Iterator[tuple[Any, Any]]:
    """Each widget that it stands in, from the inside, the window last, with what of it stands in that."""
    while widget is not Window:
        yield widget, widget.parent
        widget = widget.parent
