"""Rows of a list as they were drawn once: a frame of a list that is moved draws them again as one texture.

Drawn anew, a row costs a software renderer all its layers: a shadow, a ground, a picture, letters.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from kivy.graphics import (
    Callback,
    ClearBuffers,
    ClearColor,
    Color,
    Fbo,
    PopMatrix,
    PushMatrix,
    Rectangle,
    ScissorPop,
    ScissorPush,
    StencilPop,
    StencilUse,
    Translate,
)
from kivy.graphics.opengl import GL_BLEND, glDisable, glEnable

from kiosk_ui import theme
from kiosk_ui.widgets.shapes import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


AHEAD: Final = 2
"""So many rows come at once, before they are seen: to draw two takes less than to draw one twice."""
Box = tuple[int, int, int, int]
"""Left, bottom, right and top, in pixels."""


class Roll:
    """A texture as wide as a list and somewhat higher than what is seen of it.

    What lies at a height of the list lies in it at the rest of that height by its own: nothing moves in it.
    """

    def __init__(self) -> None:
        self._owner: Callable[[], Any] = lambda: None
        """Whose rows are on it; it keeps nobody who has gone."""
        self._rows: list[Any] = []
        self._cut, self._turn = ScissorPush(), Translate()
        self._fbo = Fbo(size=(1, 1))
        for each in (
            self._cut,
            ClearColor(*theme.CREAM),
            ClearBuffers(),
            PushMatrix(),
            self._turn,
            Callback(self._draw_rows),
            PopMatrix(),
            ScissorPop(),
        ):
            self._fbo.add(each)

    @property
    def texture(self) -> Any:
        """What was drawn."""
        return self._fbo.texture

    def give(self, owner: Any, width: int, height: int) -> bool:
        """Somebody draws on it from now on, in pixels. Whether it is new to them: then there is nothing on it."""
        if self._owner() is owner and self._fbo.size == (width, height):
            return False
        self._owner = ref(owner)
        if self._fbo.size != (width, height):
            self._fbo.size = width, height
            self.texture.mag_filter = self.texture.min_filter = "nearest"
        return True

    def forget(self) -> None:
        """Nothing is left of what was drawn, nor of its memory."""
        self._owner, self._fbo.size = lambda: None, (1, 1)

    def draw(self, rows: Iterable[Any], low: int, high: int) -> None:
        """These rows between two heights of the list, on the ground."""
        width, around = self._fbo.size
        self._rows = list(rows)
        for turn in range(low // around, (high - 1) // around + 1):
            bottom, top = max(low - turn * around, 0), min(high - turn * around, around)
            self._cut.pos, self._cut.size, self._turn.y = (0, bottom), (width, top - bottom), -turn * around
            self._fbo.ask_update()
            self._fbo.draw()
        self._rows = []

    def _draw_rows(self, _instruction: object) -> None:
        for row in self._rows:
            row.canvas.draw()


class HeldRows:
    """Draws what is seen of a list in place of the canvas that its rows are on."""

    def __init__(self, view: Any) -> None:
        self._view = view
        self._drawn: dict[Any, tuple[float, ...]] = {}
        """Which rows are on the roll, and where they stood."""
        self._parts = Rectangle(size=NOTHING), Rectangle(size=NOTHING)
        before, after = view.canvas.before.children, view.canvas.after.children
        self._in_place_of = (
            (before, 0, _up_to(StencilUse, before)),
            (view.canvas.children, 1, [view.canvas_viewport]),
            (after, 0, _up_to(StencilPop, after)),
        )
        """What draws the rows themselves, and cuts them: in which list of instructions, from which place on."""
        self._shown = False
        view.canvas.add(Callback(lambda _: glDisable(GL_BLEND)))  # it covers what was there
        view.canvas.add(Color(1, 1, 1, 1))
        for part in self._parts:
            view.canvas.add(part)
        view.canvas.add(Callback(lambda _: glEnable(GL_BLEND)))

    def hide(self) -> None:
        """The rows draw themselves."""
        self._turn(shown=False)
        for part in self._parts:
            part.size = NOTHING

    def _turn(self, *, shown: bool) -> None:
        """No stencil cuts what is drawn here: it ends where the list ends, and a stencil costs as much as it does."""
        if shown == self._shown:
            return
        self._shown = shown
        for drawn, place, steps in self._in_place_of:
            # They keep their parent: what changes in them has the window drawn.
            drawn[place : place + shown * len(steps)] = [] if shown else steps

    def complete(self, roll: Roll, rows: list[Any], box: Box, bottom: int, beside: int) -> Box:
        """Draws what of these rows is new, and shows what is seen of the list: in this box, and from this height on.
        Which part of the box it covers.

        Nothing of a row reaches farther out of it than `beside`.
        """
        step = ceil(max(row.height for row in rows)) + beside
        around = ceil(self._view.height) + 2 * ((AHEAD + 1) * step + beside)
        if roll.give(self, box[2] - box[0], around):
            self._drawn = {}
        seen = bottom, bottom + box[3] - box[1]
        places = {row: (*row.pos, *row.size) for row in rows}
        new = [place for row, place in places.items() if self._drawn.get(row) != place or row.canvas.needs_redraw]
        strips = [_strip(place, beside) for place in new]
        # Where one has gone, another may stand beside it that is as it was.
        gone = [place for row, place in self._drawn.items() if places.get(row) != place]
        strips += [_common(_strip(place, beside), seen) for place in gone]
        for low, high in _joined(strips):
            roll.draw([row for row in rows if row.y - beside < high and row.top + beside > low], low, high)
        self._drawn = places
        # Beyond the first and the last row nothing was drawn: the ground is seen there.
        around_rows = [_strip(place, beside) for place in places.values()]
        low, high = min(around_rows)[0], max(high for _, high in around_rows)
        low, high = _common((low, high), seen)
        box = box[0], low - bottom + box[1], box[2], high - bottom + box[1]
        self._turn(shown=True)
        self._show(roll.texture, box, low % around, around)
        return box

    def _show(self, texture: Any, box: Box, from_: int, around: int) -> None:
        """Draws the list from a height of it on, in this box."""
        left, bottom, right, top = box
        height = top - bottom
        first = min(height, around - from_)
        for part, begin, above, high in zip(self._parts, (from_, 0), (0, first), (first, height - first), strict=True):
            part.texture = texture
            part.pos, part.size = (left, bottom + above), (right - left, high)
            end = begin + high
            part.tex_coords = (0, begin / around, 1, begin / around, 1, end / around, 0, end / around)


def _up_to(last: type, steps: list[Any]) -> list[Any]:
    """Of these instructions, those down to the first of that kind."""
    return steps[: [type(step) for step in steps].index(last) + 1]


def _strip(place: tuple[float, ...], beside: int) -> tuple[int, int]:
    """From where to where a row reaches that stands there."""
    _, y, _, height = place
    return floor(y) - beside, ceil(y + height) + beside


def _common(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """What lies in both strips; an empty one where nothing does."""
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return low, max(low, high)


def _joined(strips: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that meet as one, without the empty ones."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(strips):
        if low == high:
            continue
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return found
