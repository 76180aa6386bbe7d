"""A row of a list that is drawn once, into a texture, and moved as it is.

Drawn anew at each frame, a row costs a software renderer what all its layers cost together: its shadow, its ground, a
picture, letters. A texture of it is one layer, and covers what was there.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

from kivy.graphics import (
    Callback,
    ClearBuffers,
    ClearColor,
    Color,
    Fbo,
    InstructionGroup,
    PopMatrix,
    PushMatrix,
    Rectangle,
    Translate,
)
from kivy.graphics.opengl import GL_BLEND, glDisable, glEnable
from kivy.properties import BooleanProperty, ListProperty
from kivy.uix.recyclegridlayout import RecycleGridLayout

from kiosk_ui import contrast, theme

if TYPE_CHECKING:
    from collections.abc import Callable


class RowTexture(InstructionGroup):
    """Draws a row with the ground around it; into the texture only where something of the row has changed."""

    def __init__(self, grid: RowGrid) -> None:
        super().__init__()
        self._grid = grid
        self._row: Any = None
        self._fbo = Fbo(size=(1, 1))
        self._dark, self._plain = False, self._fbo.shader.fs
        self._ground, self._origin = ClearColor(*theme.CREAM), Translate()
        _add(self._fbo.before, PushMatrix(), self._ground, ClearBuffers(), self._origin)
        self._fbo.after.add(PopMatrix())
        self._place, self._part = Translate(), Rectangle()
        self._bottom, self._cut = 0, (0, 0)
        placed = (PushMatrix(), self._place, self._part, PopMatrix())
        _add(self, self._fbo, Callback(_cover), Color(1, 1, 1, 1), *placed, Callback(_blend))

    def hold(self, row: Any) -> None:
        """Draws this row from now on."""
        self._row = row
        self._fbo.add(row.canvas)
        row.bind(pos=self._follow, size=self._follow)
        self.shade()
        self._follow()

    def release(self) -> None:
        """Draws it no longer."""
        self._row.unbind(pos=self._follow, size=self._follow)
        self._fbo.remove(self._row.canvas)
        self._row = None

    def shade(self) -> None:
        """In high contrast, or not."""
        dark = self._grid.dark
        if self._dark != dark:  # a shader takes longer to make than a row to draw
            self._dark = dark
            self._fbo.shader.fs = contrast.SHADER if dark else self._plain
            self._ground.rgba = contrast.turned(theme.CREAM) if dark else theme.CREAM

    def _follow(self, *_: object) -> None:
        beside, above, below = self._grid.around
        left, self._bottom = floor(self._row.x - beside), floor(self._row.y - below)
        size = ceil(self._row.width + 2 * beside), ceil(self._row.height + above + below)
        if self._fbo.size != size:
            self._fbo.size, self._cut = size, (0, 0)
            # Pixel on pixel: there is nothing between two.
            self._fbo.texture.mag_filter = self._fbo.texture.min_filter = "nearest"
            self._part.texture = self._fbo.texture
        self._origin.xy, self._place.xy = (-left, -self._bottom), (left, self._bottom)
        self.clip()

    def clip(self) -> None:
        """Shows what of it lies in the part of the list that is seen."""
        width, height = self._fbo.size
        low, high = cut = tuple(min(max(0, edge - self._bottom), height) for edge in self._grid.seen)
        if self._cut != cut:
            self._cut = cut
            self._part.pos, self._part.size = (0, low), (width, high - low)
            low, high = low / height, high / height
            self._part.tex_coords = (0, low, 1, low, 1, high, 0, high)


def _add(group: InstructionGroup, *instructions: Any) -> None:
    for each in instructions:
        group.add(each)


def _cover(_instruction: object) -> None:
    """What is drawn next covers what was there."""
    glDisable(GL_BLEND)


def _blend(_instruction: object) -> None:
    glEnable(GL_BLEND)


class RowGrid(RecycleGridLayout):
    """Rows, each drawn by its `RowTexture`; as many of those are kept as were seen at once."""

    dark = BooleanProperty(False)
    """High contrast."""
    seen = ListProperty([0, 0])
    """Bottom and top of the part that is seen, in whole pixels."""

    def __init__(self, **kwargs: Any) -> None:
        self._drawn: dict[Any, RowTexture] = {}
        self._spare: list[RowTexture] = []
        super().__init__(**kwargs)
        self.fbind("dark", lambda *_: self._each(RowTexture.shade))
        self.fbind("seen", lambda *_: self._each(RowTexture.clip))

    def _each(self, act: Callable[[RowTexture], None]) -> None:
        for drawn in self._drawn.values():
            act(drawn)

    @property
    def around(self) -> tuple[int, int, int]:
        """How much of the ground belongs to a row: beside, above, and, where its shadow falls, below it."""
        across, high = map(int, self.spacing)
        return int(self.padding[0]) if self.cols == 1 else across // 2, high // 4, high - high // 4

    def add_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        """See `Widget`."""
        super().add_widget(widget, *args, **kwargs)
        self.canvas.remove(widget.canvas)
        drawn = self._drawn[widget] = self._spare.pop() if self._spare else RowTexture(self)
        drawn.hold(widget)
        self.canvas.add(drawn)

    def remove_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        """See `Widget`."""
        drawn = self._drawn.pop(widget)
        self.canvas.remove(drawn)
        drawn.release()
        self._spare.append(drawn)
        super().remove_widget(widget, *args, **kwargs)
