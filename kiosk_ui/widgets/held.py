"""Rows of a list as they were drawn once: a frame of a list that is moved draws them again as one texture.

Drawn anew, a row costs a software renderer all its layers: a shadow, a ground, a picture, letters.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any
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
    Translate,
)
from kivy.graphics.opengl import GL_BLEND, glDisable, glEnable

from kiosk_ui import theme
from kiosk_ui.widgets.shapes import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


_rolls: list[Roll] = []
"""The one there is, once it was wanted: one list is seen at a time."""


class HeldRows:
    """Draws what is seen of a list in place of the canvas that its rows are on."""

    def __init__(self, view: Any) -> None:
        self._view = view
        self._drawn: dict[Any, tuple[float, ...]] = {}
        """Which rows are on the roll, and where they stood."""
        self._parts = Rectangle(size=NOTHING), Rectangle(size=NOTHING)
        view.canvas.add(Callback(lambda _: glDisable(GL_BLEND)))  # it covers what was there
        view.canvas.add(Color(1, 1, 1, 1))
        for part in self._parts:
            view.canvas.add(part)
        view.canvas.add(Callback(lambda _: glEnable(GL_BLEND)))

    def hide(self) -> None:
        """Draws nothing."""
        for part in self._parts:
            part.size = NOTHING

    def complete(self, rows: list[Any], left: int, bottom: int, beside: int) -> None:
        """Draws what of these rows is new, and shows what is seen of the list: from these two on, in its own lengths.

        Nothing of a row reaches farther out of it than `beside`.
        """
        if not _rolls:
            _rolls.append(Roll())
        roll, view = _rolls[0], self._view
        width, height = round(view.width), round(view.height)
        around = height + 2 * (ceil(max(row.height for row in rows)) + 2 * beside)
        if roll.give(self, width, around):
            self._drawn = {}
        places = {row: (*row.pos, *row.size) for row in rows}
        new = [place for row, place in places.items() if self._drawn.get(row) != place or row.canvas.needs_redraw]
        strips = [_strip(place, beside) for place in new]
        # Where one has gone, another may stand beside it that is as it was.
        gone = [place for row, place in self._drawn.items() if places.get(row) != place]
        strips += [_common(_strip(place, beside), (bottom, bottom + height)) for place in gone]
        for low, high in _joined(strips):
            roll.draw([row for row in rows if row.y - beside < high and row.top + beside > low], low, high)
        self._drawn = places
        # Beyond the first and the last row nothing was drawn: the ground is seen there.
        around_rows = [_strip(place, beside) for place in places.values()]
        low, high = min(around_rows)[0], max(high for _, high in around_rows)
        low, high = _common((low, high), (bottom, bottom + height))
        self._show(roll.texture, (left, low - bottom, width, high - low), low, around)

    def _show(self, texture: Any, where: tuple[int, int, int, int], low: int, around: int) -> None:
        """Draws the list from a height of it on, at this place of the view."""
        left, up, width, height = where
        from_ = low % around
        first = min(height, around - from_)
        x, y = round(self._view.x) - left, round(self._view.y) + up
        for part, begin, above, high in zip(self._parts, (from_, 0), (0, first), (first, height - first), strict=True):
            part.texture = texture
            part.pos, part.size = (x, y + above), (width, high)
            top = begin + high
            part.tex_coords = (0, begin / around, 1, begin / around, 1, top / around, 0, top / around)


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
