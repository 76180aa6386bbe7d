"""A screen with letters twice as high: everything that stands on it, one below the other. Laid out in `column.kv`.

The screen itself is not seen and goes on as it is: it decides what there is, and its keys are what the column's keys
press. So every screen can be read like this, and none is laid out a second time.
"""

from __future__ import annotations

from typing import Any, Final

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.image import AsyncImage, Image
from kivy.uix.label import Label
from kivy.uix.stacklayout import StackLayout
from kivy.uix.widget import Widget

from kiosk_ui import theme
from kiosk_ui.widgets.pieces import Art, Block, Drawn, Piece, Text, ordered
from kiosk_ui.widgets.shapes import BoxPanel, Key
from kiosk_ui.widgets.text import EDGE, broken, ended, extent, widest, written

TWICE: Final = 2.0
LINES: Final = 2
"""Of a name of goods."""
LARGEST: Final = 160
"""In units of the sheet: letters that are as high as this already need no more."""
ACROSS: Final = 180
"""In units: what stands beside others is at least so wide …"""
FEWEST: Final = 3
"""… and so many have room."""
TALL: Final = 236
LOW: Final = 160
"""Height of what stands beside others, in a grid that is kept and elsewhere, in units."""
PICTURE: Final = 300
ART: Final = 150
SIGN: Final = 84
HIGHEST: Final = 900
"""Sides of what is no text, in units."""
SEEN: Final = 3.0
"""Contrast of a sign."""


def twice(letters: float, unit: float) -> float:
    """Twice the height, but not beyond `LARGEST`; `unit` is one of the sheet in pixels."""
    return min(letters * TWICE, max(letters, LARGEST * unit))


class BigText(Label):
    """Words on as many lines as they need; a word or a price that is wider than a line is written smaller."""

    letters = NumericProperty(24)
    whole = BooleanProperty(False)
    """It stands on one line."""
    spoken = StringProperty("")
    least = NumericProperty(0)
    """It is at least so high, in pixels."""
    live = BooleanProperty(False)
    heads = BooleanProperty(False)
    veil = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("text", "letters", "whole", "width", "font_name", "bold"):
            self.fbind(name, self._fit)
        self._fit()

    def _fit(self, *_: object) -> None:
        self._set(written(self.text))

    def _set(self, text: str) -> None:
        """As large as the widest of its words allows."""
        room, size = max(1.0, self.width - EDGE), int(self.letters)
        while size > 1 and self._widest(text, size) > room:
            # Small letters are wider than in proportion.
            size = min(size - 1, int(size * room / self._widest(text, size)) + 1)
        self.font_size = size
        self.text_size = (self.width, None)

    def _widest(self, text: str, letters: int) -> float:
        measure = extent if self.whole else widest
        return measure(text, self.font_name, letters, bold=self.bold)

    def lines(self, text: str) -> tuple[str, ...]:
        """A text as it breaks in its letters."""
        centred = self.halign == "center"
        return broken(
            text, self.font_name, int(self.font_size), int(self.width) - EDGE, bold=self.bold, centred=centred
        )

    def texture_update(self, *_: object) -> None:
        """See `Label`: Kivy itself breaks at spaces alone."""
        text = written(self.text)
        self._label.text = text if self.whole or self.width <= 1 + EDGE else "\n".join(self.lines(text))
        super().texture_update()


class BigName(BigText):
    """A name of goods on two lines; what is longer is cut."""

    name = StringProperty("")
    may_end = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fbind("name", self._fit)

    def _fit(self, *_: object) -> None:
        self._set(written(self.name))
        self.text = ended(written(self.name), lambda text: self.width <= 1 + EDGE or len(self.lines(text)) <= LINES)


class BigCard(BoxPanel):
    """What is read in one go: a picture, and what is written."""

    least = NumericProperty(0)
    spoken = StringProperty("")
    live = BooleanProperty(False)
    veil = StringProperty("")


class CardTexts(BoxLayout):
    """What is written on a card."""


class BigKey(Key):
    """A key of the screen, larger. Touched, it touches that one."""

    least = NumericProperty(0)
    of = ObjectProperty(None)
    row = ObjectProperty(None, allownone=True)
    chosen = BooleanProperty(False)
    veil = StringProperty("")

    def on_release(self) -> None:
        """The one that is meant."""
        if self.row is not None:
            self.of.row = self.row
        self.of.dispatch("on_release")


class Column(StackLayout):
    """Draws what `follow` is given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.drawn: list[tuple[Piece, Any]] = []
        """Each piece with the widget that draws it."""
        self._metrics: Any = None

    def follow(self, screen: Any) -> None:
        """Draws anew what differs of what is to be seen on the screen."""
        found, metrics = ordered(screen), App.get_running_app().m
        kept = self.drawn if metrics == self._metrics else []
        if found == [piece for piece, _ in kept]:
            return
        self._metrics, kept = metrics, list(kept)
        self.drawn = [(piece, _take_drawn(kept, piece) or self._make_widget(piece)) for piece in found]
        self.clear_widgets()
        before = 0
        for piece, widget in self.drawn:
            cols = self._beside(piece)
            if before and cols and cols != before:
                self.add_widget(Widget(size_hint=(1, None), height=0))  # a grid begins with a row of its own
            self.add_widget(widget)
            before = cols

    def _make_widget(self, piece: Piece) -> Any:
        cols = self._beside(piece)
        if isinstance(piece, Block):
            widget = _card(piece)
        elif isinstance(piece, Text):
            widget = _written(piece, theme.CREAM, "center" if cols else "")
        elif isinstance(piece, Art):
            widget = _pictured(piece, PICTURE)
        else:
            widget = _drawn(piece)
        if cols:
            self._place_beside(widget, cols)
            widget.least = self._metrics.px(TALL if cols > 2 else LOW)
        return widget

    def _beside(self, piece: Piece) -> int:
        """How many stand in a row with it; -1: as many as have room, 0: it has a row of its own, as has what is as high
        as the largest letters, such as the number of a door.
        """
        texts = piece.texts if isinstance(piece, Block) else (piece,) if isinstance(piece, Text) and piece.short else ()
        if len(texts) == 1 and texts[0].letters >= self._metrics.px(LARGEST):
            return 0
        return piece.cols if isinstance(piece, Block) else -len(texts)

    def _place_beside(self, widget: Any, cols: int) -> None:
        """Beside others, so many in a row; -1: as many as have room."""

        def place(*_: object) -> None:
            inner, gap = self.width - self.padding[0] - self.padding[2], self.spacing[0]
            count = cols if cols > 0 else max(FEWEST, int(inner // self._metrics.px(ACROSS)))
            widget.width = (inner - gap * (count - 1)) / count - 0.01

        widget.size_hint_x = None
        self.fbind("width", place)
        place()


def _take_drawn(kept: list[tuple[Piece, Any]], wanted: Piece) -> Any:
    """The widget that draws this piece already; None where there is none."""
    for place, (piece, widget) in enumerate(kept):
        if piece == wanted:
            del kept[place]
            return widget
    return None


def _card(card: Block) -> Any:
    kind = BigCard if card.key is None else BigKey
    widget = kind(spoken=card.said, veil=card.veil)
    if isinstance(widget, BigKey):
        widget.of, widget.row = card.key, card.row
        widget.pressed, widget.chosen = card.key.pressed, card.chosen
        widget.ground, widget.disabled = card.ground, card.disabled
        widget.line = card.line if card.line[3] else widget.line
    else:
        widget.colour, widget.live = card.ground, card.live
    if card.picture is not None:
        shown = _pictured(card.picture, SIGN if card.picture.sign else ART, card.ground)
        shown.size_hint_x = None if card.texts else 1
        widget.add_widget(shown)
    if card.texts:
        told = CardTexts()
        centred = (card.cols != 0 and card.picture is None) or all(text.centred for text in card.texts)
        for text in card.texts:
            told.add_widget(_written(text, card.ground, "center" if centred else "left"))
        widget.add_widget(told)
    return widget


def _written(text: Text, ground: theme.Colour, halign: str = "") -> Any:
    metrics = App.get_running_app().m
    letters, colour = twice(text.letters, metrics.scale), text.on(ground)
    bold, veil, halign = text.bold, text.veil, halign or ("center" if text.centred else "left")
    font = "Figures" if text.figures else "Text"
    kind, what = (BigName, "name") if text.name else (BigText, "text")
    told = kind(letters=letters, font_name=font, bold=bold, color=colour, halign=halign, veil=veil, **{what: text.text})
    told.whole, told.strikethrough, told.disabled_color = text.figures, text.struck, colour
    told.spoken, told.live, told.heads = text.said, text.live, text.heads
    return told


def _pictured(picture: Art, units: float, ground: theme.Colour = theme.CREAM) -> Any:
    side = App.get_running_app().m.px(units)
    colour = picture.colour
    if picture.sign and theme.contrast(colour, ground) < SEEN:
        colour = theme.INK if theme.contrast(theme.INK, ground) >= SEEN else theme.WHITE
    kind = AsyncImage if picture.fetched else Image
    widget = kind(mipmap=True, source=picture.source, color=colour, size_hint=(None, None), size=(side, side))
    widget.pos_hint = {"center_x": 0.5, "center_y": 0.5}
    return widget


def _drawn(drawn: Drawn) -> Any:
    widget = drawn.kind(**dict(drawn.values))
    widget.size_hint = (1, None)
    most = App.get_running_app().m.px(HIGHEST)

    def place(*_: object) -> None:
        widget.height = min(most, widget.width * drawn.ratio)

    widget.fbind("width", place)
    place()
    return widget
