"""A game: wheel, boxes or seats, odds, the code that phones join by, and what came of it. Laid out in `games.kv`."""

from __future__ import annotations

import random
from typing import Any, Final

from kivy.animation import Animation
from kivy.graphics import Color, PopMatrix, PushMatrix, Rectangle, Rotate
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk_ui import theme
from kiosk_ui.screens.games import wheel
from kiosk_ui.screens.games.view import BOXES, GamesView
from kiosk_ui.widgets.keys import Row
from kiosk_ui.widgets.shapes import NOTHING, BoxPanel
from kiosk_ui.widgets.sheet import Sheet, fill

TURN_S: Final = 4.5
TURNS: Final = 5
PIECES: Final = 80
FALL_S: Final = 2.2
COLOURS: Final = ("#FFC74D", "#D0350F", "#F4FFF9", "#7FC8F8", "#8FE0B0")


class OddsRow(BoxLayout):
    """One prize and its chance."""

    art = StringProperty("")
    name = StringProperty("")
    percent = StringProperty("")


class Seat(BoxPanel):
    """A phone that has joined, or a free place."""

    art = StringProperty("")
    name = StringProperty("")
    share = NumericProperty(0.0)
    lit = BooleanProperty(False)


class GiftBox(BoxPanel):
    """One of the boxes; the one that opens shows what was in it."""

    art = StringProperty("gift")
    open = BooleanProperty(False)
    lean = NumericProperty(0.0)


class Wheel(Widget):
    """The wheel, turned as one texture."""

    slices = ListProperty([])
    winner = NumericProperty(-1)
    """Where it stops; below 0 it stands."""
    lit = BooleanProperty(False)
    """The winner's slice is painted."""
    angle = NumericProperty(0.0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            PushMatrix()
            self._turn = Rotate(angle=0, origin=self.center)
            self._ink = Color(1, 1, 1, 0)
            self._picture = Rectangle()
            PopMatrix()
        self.fbind("slices", self._bake)
        self.fbind("lit", self._bake)
        self.fbind("winner", self._spin)
        for name in ("angle", "pos", "size"):
            self.fbind(name, self._place)
        self._spin()

    def again(self) -> tuple[Any, tuple[tuple[str, Any], ...], float] | None:
        """How it is drawn once more; see `kiosk_ui.widgets.pieces`."""
        values = (("slices", list(self.slices)), ("lit", self.lit), ("winner", self.winner))
        return (Wheel, values, 0.9) if self.slices else None

    def _place(self, *_: object) -> None:
        side = min(self.size)
        self._turn.origin, self._turn.angle = self.center, self.angle
        self._picture.size = (side, side)
        self._picture.pos = (self.center_x - side / 2, self.center_y - side / 2)

    def _bake(self, *_: object) -> None:
        if not self.slices:
            self._ink.a = 0
            return
        found = wheel.baked(tuple(map(tuple, self.slices)), int(self.winner) if self.lit else -1)
        texture = Texture.create(size=found.size, mipmap=True)
        texture.blit_buffer(found.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
        texture.flip_vertical()
        self._picture.texture, self._ink.a = texture, 1
        self._place()

    def _spin(self, *_: object) -> None:
        Animation.cancel_all(self, "angle")
        self._bake()
        if self.winner < 0 or not self.slices:
            self.angle = 0
            return
        stop = 360 / len(self.slices) * self.winner
        if self.lit:  # it was drawn before this was shown
            self.angle = stop
            return
        self.angle = 0
        Animation(angle=TURNS * 360 + stop, d=TURN_S, t="out_quart").start(self)


class Confetti(Widget):
    """Falls once, when something was won."""

    on = BooleanProperty(False)
    fall = NumericProperty(0.0)

    def on_on(self, *_: object) -> None:
        """It begins, or is over."""
        Animation.cancel_all(self, "fall")
        self.canvas.clear()
        self.fall = 0.0
        if self.on:
            dice = random.Random()  # noqa: S311 - paper
            self._pieces = [(dice.random(), dice.random(), dice.uniform(0.5, 1.0)) for _ in range(PIECES)]
            with self.canvas:
                self._drawn = [self._piece(number) for number in range(PIECES)]
            falling = Animation(fall=1.0, d=FALL_S, t="out_quad")
            falling.bind(on_complete=lambda *_: self.canvas.clear())
            falling.start(self)

    def _piece(self, number: int) -> Rectangle:
        Color(*theme.colour(COLOURS[number % len(COLOURS)]))
        return Rectangle(pos=(-100, -100), size=(1, 1))

    def on_fall(self, *_: object) -> None:
        """Each frame."""
        if not self.on:
            return
        for piece, (x, y, speed) in zip(self._drawn, self._pieces, strict=True):
            high, above = self.width * 0.018, (y * 0.5 - self.fall * speed * 1.4) * self.height
            piece.size = (self.width * 0.012 * (0.6 + speed), high) if above + high <= 0 else NOTHING
            piece.pos = (self.x + x * self.width, self.top + above)


class GamesScreen(Sheet):
    """The whole screen. It draws a `GamesView` and decides nothing."""

    def show(self, view: GamesView) -> None:
        """Draws anew what differs."""
        super().show(view)
        ids = self.ids
        fill(ids.odds, len(view.lines), OddsRow)
        for row, line in zip(reversed(ids.odds.children), view.lines, strict=True):
            row.art, row.name, row.percent = line.art, line.name, line.percent
        fill(ids.seats, len(view.seats), Seat)
        for seat, told in zip(reversed(ids.seats.children), view.seats, strict=True):
            seat.art, seat.name, seat.share, seat.lit = told.art, told.name, told.share, told.lit
        fill(ids.choices, len(view.choices), _Choice)
        for key, choice in zip(reversed(ids.choices.children), view.choices, strict=True):
            key.words, key.note, key.art, key.game = choice.name, choice.note, choice.art, choice.game
        self._show_stage(view)

    def _show_stage(self, view: GamesView) -> None:
        ids, said = self.ids, view.stage == "result"
        turned = view.kind == "wheel" and view.stage in ("play", "result")
        ids.wheel.slices = [list(each) for each in view.slices] if turned else []
        ids.wheel.lit = said
        ids.wheel.winner = view.winner if turned else -1
        boxes = BOXES if view.kind == "draw" and view.stage in ("play", "result") else 0
        fill(ids.boxes, boxes, GiftBox)
        for place, box in enumerate(reversed(ids.boxes.children)):
            box.open = said and place == view.winner
            box.art = view.result.art if box.open and view.result else "gift"
            _rock(box, moving=view.turning)
        ids.confetti.on = bool(said and view.result and view.result.won)


def _rock(box: GiftBox, *, moving: bool) -> None:
    if moving and not box.lean:
        rocking = Animation(lean=6, d=0.18) + Animation(lean=-6, d=0.3) + Animation(lean=0.01, d=0.18)
        rocking.repeat = True
        rocking.start(box)
    elif not moving:
        Animation.cancel_all(box, "lean")
        box.lean = 0


class _Choice(Row):
    """One game of several."""

    game = StringProperty("")
