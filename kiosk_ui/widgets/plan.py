"""A floor plan: zones, what stands there, a way, a pin. Drawn from plain shapes, as large as its place allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from kivy.core.image import Image as Picture
from kivy.core.text import Label as TextEngine
from kivy.graphics import BorderImage, Color, Mesh, Rectangle, SmoothLine
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk_ui import assets, theme
from kiosk_ui.widgets.shapes import CORNER
from kiosk_ui.widgets.text import written

Point = tuple[float, float]

LOOKS: Final = {
    "shelf": (theme.WHITE, theme.colour("#CFC8B8")),
    "sought": (theme.MINT, theme.colour("#8FBFA5")),
    "solid": (theme.colour("#B9B3A2"), theme.CLEAR),
    "target": (theme.MANGO, theme.colour("#A06A00")),
}
"""Ground and edge of what stands on the floor."""
NAMES: Final = (0.9, 0.7)
"""Of a zone's letters, those of a name that has room there; one that has none is not written: it would hide another."""
DOT_M: Final = 0.62
"""How far apart the dots on the way are."""


class FloorPlan(Widget):
    """Draws a drawing (`kiosk_ui.screens.map.drawing`): metres become pixels, the whole floor fits."""

    drawing = ObjectProperty(None, allownone=True)
    letters = NumericProperty(28)
    """Height of what is written, in pixels."""
    line = NumericProperty(18)
    """Width of the way, in pixels."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._circle = Picture(assets.baked("round")).texture
        self._written: list[tuple[Point, Point]] = []
        """Where names stand already: left bottom and right top."""
        for name in ("drawing", "letters", "line", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    @property
    def spoken(self) -> str:
        """What a voice says of it."""
        drawn = self.drawing
        return f"{drawn.you} → {drawn.goal}" if drawn is not None and drawn.goal else ""

    def again(self) -> tuple[Any, tuple[tuple[str, Any], ...], float] | None:
        """How it is drawn once more, twice as large; see `kiosk_ui.widgets.pieces`."""
        drawn = self.drawing
        values = (("drawing", drawn), ("letters", self.letters * 1.5), ("line", self.line * 1.5))
        return (FloorPlan, values, drawn.height / drawn.width) if drawn is not None else None

    # --- from metres to pixels ---

    def _fitted(self) -> tuple[float, float, float]:
        drawn = self.drawing
        scale = min(self.width / drawn.width, self.height / drawn.height)
        return scale, self.x + (self.width - drawn.width * scale) / 2, self.y + (self.height + drawn.height * scale) / 2

    def _at(self, point: Point) -> Point:
        scale, left, top = self._fitted()
        return left + point[0] * scale, top - point[1] * scale

    def _box(self, plan: Sequence[float]) -> tuple[Point, Point]:
        scale, left, top = self._fitted()
        x, y, width, height = plan
        return (left + x * scale, top - (y + height) * scale), (width * scale, height * scale)

    # --- drawing ---

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        self._written = []
        if self.drawing is None or min(self.size) < 50:
            return
        with self.canvas:
            for area in self.drawing.areas:
                self._round(*self._box(area.plan), theme.colour(area.tint), self.letters * 0.5)
            for mark in self.drawing.marks:
                self._thing(mark)
            for area in self.drawing.areas:
                self._zone_name(area)
            for mark in self.drawing.marks:
                self._sign(mark)
            if len(self.drawing.way) > 1:
                self._way([self._at(point) for point in self.drawing.way])
            self._you()
            self._pin()

    def _round(self, at: Point, size: Point, colour: theme.Colour, radius: float) -> None:
        Color(*colour)
        shape = BorderImage(source=assets.baked("round"), border=(CORNER - 1,) * 4, pos=at, size=size)
        shape.display_border = (max(1.0, min(radius, size[0] / 2, size[1] / 2)),) * 4

    def _thing(self, mark: Any) -> None:
        ground, edge = LOOKS[mark.look]
        (x, y), (width, height) = self._box(mark.plan)
        radius = self.letters * 0.22
        if edge is not theme.CLEAR:
            self._round((x - 1.5, y - 1.5), (width + 3, height + 3), edge, radius + 1.5)
        self._round((x, y), (width, height), ground, radius)

    def _zone_name(self, area: Any) -> None:
        (x, y), (width, height) = self._box(area.plan)
        written = _written(area.name, self.letters, width - self.letters)
        Color(*theme.INK)
        at = x + self.letters * 0.5, y + height - written.height - self.letters * 0.05
        Rectangle(texture=written, pos=_rounded(at), size=written.size)
        self._written.append((at, (at[0] + written.width, at[1] + written.height * 0.84)))

    def _sign(self, mark: Any) -> None:
        """Its name, where it lies on no other."""
        for part in NAMES if mark.name else ():
            written = _written(mark.name, self.letters * part, self.letters * 9)
            inside, places = self._places(mark, written)
            best = min(places, key=lambda place: self._hidden(*self._pill(written, place)))
            if self._hidden(*self._pill(written, best)) <= self.letters:
                self._tag(written, best, None if inside else theme.WHITE, theme.INK)
                return

    def _places(self, mark: Any, written: Any) -> tuple[bool, list[Point]]:
        """Whether a name stands in what it names, and where its middle may be, the best place first."""
        (x, y), (width, height) = self._box(mark.plan)
        inside = width > written.width + self.letters * 0.4 and height > written.height * 0.5
        above, below = y + height + written.height * 0.42, y - written.height * 0.42
        heights = [y + height / 2] if inside else [above, below] if above + written.height / 2 < self.top else [below]
        beside = (written.width + width) / 2
        return inside, [(x + width / 2 + turn * beside, middle) for turn in (0, 0.5, -0.5, 1, -1) for middle in heights]

    def _hidden(self, at: Point, size: Point) -> float:
        """How much of other names would lie under it, in square pixels."""
        return sum(
            max(0.0, min(at[0] + size[0], right) - max(at[0], left))
            * max(0.0, min(at[1] + size[1], top) - max(at[1], bottom))
            for (left, bottom), (right, top) in self._written
        )

    def _pill(self, written: Any, middle: Point) -> tuple[Point, Point]:
        """Place and size of what words stand on, moved into the plan where it would stick out of it."""
        width, height = written.width + self.letters * 0.7, written.height * 0.84
        x = min(max(middle[0] - width / 2, self.x), self.right - width)
        y = min(max(middle[1] - height / 2, self.y), self.top - height)
        return (x, y), (width, height)

    def _tag(self, written: Any, middle: Point, ground: theme.Colour | None, ink: theme.Colour) -> None:
        """Words on a pill."""
        (x, y), (width, height) = self._pill(written, middle)
        self._written.append(((x, y), (x + width, y + height)))
        if ground is not None:
            self._round((x, y), (width, height), ground, height / 2)
        Color(*ink)
        at = x + (width - written.width) / 2, y + (height - written.height) / 2
        Rectangle(texture=written, pos=_rounded(at), size=written.size)

    def _way(self, points: list[Point]) -> None:
        for colour, width in ((theme.WHITE, self.line * 1.6), (theme.LEAF, self.line)):
            Color(*colour)
            for start, end in itertools.pairwise(points):
                SmoothLine(points=(*start, *end), width=width / 2, cap="none")
            for point in points:
                self._disc(point, width)
        Color(*theme.MANGO)
        for point in _dots(points, DOT_M * self._fitted()[0]):
            self._disc(point, self.line * 0.3)

    def _disc(self, middle: Point, across: float) -> None:
        Rectangle(texture=self._circle, pos=(middle[0] - across / 2, middle[1] - across / 2), size=(across, across))

    def _you(self) -> None:
        here = self._at(self.drawing.here)
        for colour, across in (
            ((*theme.LEAF[:3], 0.25), self.line * 3.4),
            (theme.WHITE, self.line * 2.1),
            (theme.LEAF, self.line * 1.6),
        ):
            Color(*colour)
            self._disc(here, across)
        written = _written(self.drawing.you, self.letters, self.letters * 9, bold=True)
        left = written.width / 2 + self.line * 2.2 + self.letters * 0.4
        side = -left if here[0] - left * 2 > self.x else left
        self._tag(written, (here[0] + side, here[1]), theme.FOREST, theme.WHITE)

    def _pin(self) -> None:
        if self.drawing.pin is None:
            return
        tip = self._at(self.drawing.pin)
        size = self.line * 2.3
        down = tip[1] + size * 3.2 > self.top
        turn = -1 if down else 1
        middle = tip[0], tip[1] + turn * size * 0.95
        Color(*theme.TOMATO)
        Mesh(
            vertices=[*_vertex(tip), *_vertex((middle[0] - size * 0.44, middle[1] - turn * size * 0.2)),
                      *_vertex((middle[0] + size * 0.44, middle[1] - turn * size * 0.2))],
            indices=[0, 1, 2], mode="triangles",
        )  # fmt: skip
        self._disc(middle, size)
        Color(*theme.WHITE)
        self._disc(middle, size * 0.4)
        if self.drawing.goal:
            written = _written(self.drawing.goal, self.letters, self.letters * 11, bold=True)
            above = middle[1] + turn * (size * 0.62 + written.height * 0.45)
            self._tag(written, (tip[0], above), theme.TOMATO, theme.WHITE)


def _written(text: str, letters: float, room: float, *, bold: bool = True) -> Any:
    """The words as a texture, not wider than there is room."""
    text = written(text)
    engine = TextEngine(text=text or " ", font_name="Text", font_size=int(letters), bold=bold)
    wide = engine.get_extents(text or " ")[0]
    if wide > room > 1:
        engine = TextEngine(text=text, font_name="Text", font_size=max(10, int(letters * room / wide)), bold=bold)
    engine.refresh()
    return engine.texture


def _rounded(at: Point) -> Point:
    return round(at[0]), round(at[1])


def _vertex(point: Point) -> tuple[float, float, float, float]:
    return point[0], point[1], 0.0, 0.0


def _dots(points: Sequence[Point], apart: float) -> Iterator[Point]:
    """Points along a way, all equally far apart."""
    left = apart
    for start, end in itertools.pairwise(points):
        length = math.dist(start, end)
        while left < length:
            share = left / length
            yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            left += apart
        left -= length
