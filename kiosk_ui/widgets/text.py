"""Letters: labels that shrink to fit before they cut, and prices set on one baseline."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kivy.core.text import Label as TextEngine
from kivy.core.text import LabelBase
from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk_ui import assets, theme
from kiosk_ui.widgets.shapes import BoxPanel
from words import line_breaks

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_SCALE: Final = 0.66
"""How far a label shrinks before it ends in an ellipsis, unless it says otherwise; never below `least`."""
EXTENTS: Final = 4096
"""So many widths of texts are kept: each is asked for several times while a screen is laid out."""
ENGINES: Final = 256
"""So many fonts of one height are kept."""
IDEOGRAPHS: Final = "\u2e80"
"""From here on a line may end after any sign."""
SURROGATES: Final = "\ud800"
"""Up to here signs from `IDEOGRAPHS` on are as wide as `EM`."""
EM: Final = "\u3000"
PART: Final = re.compile(r"[^\s-]+-*|-+")
ALONE: Final = 2
"""So many signs do not stand on a last line of their own."""
ELLIPSIS: Final = "\u2026"
LATIN: Final = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', ELLIPSIS: "..."})
"""What a Chinese font draws as wide as an ideograph, and what it draws narrow instead."""
FULL: Final = 0.985
"""Of its width, what a line takes."""
LOOSE: Final = 0.88
"""Of their width, what several lines take: words break where they break, a second line is never full."""
EDGE: Final = 2
"""Pixels that must stay free beside a single line: Kivy cuts one that fills its width."""


def register_fonts() -> None:
    """Makes `Text` (Chinese and Latin, two weights) and `Figures` (Latin digits only) known to Kivy."""
    LabelBase.register("Text", assets.font("NotoSansSC-500Medium"), fn_bold=assets.font("NotoSansSC-700Bold"))
    LabelBase.register("Figures", assets.font("Outfit-800ExtraBold"))


@lru_cache(ENGINES)
def _engine(font: str, letters: int, *, bold: bool) -> TextEngine:
    """To make one takes longer than to measure by it. It keeps no text."""
    return TextEngine(font_name=font, font_size=letters, bold=bold)


@lru_cache(EXTENTS)
def extent(text: str, font: str, letters: int, *, bold: bool) -> float:
    """Width of a text in one line. Forgotten with whoever wrote or saw it (`forget_texts`)."""
    return float(_engine(font, letters, bold=bold).get_extents(text)[0])


@lru_cache(EXTENTS)
def broken(text: str, font: str, letters: int, width: int, *, bold: bool, centred: bool) -> tuple[str, ...]:
    """A text on as many lines as it needs, about equally long where they stand centred, or hardly anything is left for
    the last one. Forgotten like `extent`.

    Kivy itself breaks at spaces alone: a number at the beginning of a Chinese sentence would have a line of its own.
    """

    def measure(cluster: str) -> int:
        return int(extent(EM if IDEOGRAPHS <= cluster < SURROGATES else cluster, font, letters, bold=bold))

    lines = line_breaks.wrap(text, width, measure)
    if centred or (len(lines) > 1 and len(lines[-1]) <= ALONE):
        lines = line_breaks.balanced(text, width, measure)
    return tuple(lines)


def written(text: str) -> str:
    """The text as it is drawn: without a Chinese sign in it, its quotes, apostrophes and dots are narrow."""
    return text if any(sign >= IDEOGRAPHS for sign in text) else text.translate(LATIN)


def widest(text: str, font: str, letters: int, *, bold: bool) -> float:
    """Width of the widest part that stays on one line: a word, up to its hyphen. Signs of Chinese break anywhere."""
    parts = [part for part in PART.findall(text) if part[0] < IDEOGRAPHS]
    return max((extent(part, font, letters, bold=bold) for part in parts), default=0)


def forget_texts() -> None:
    """Nothing is left of what was measured."""
    extent.cache_clear()
    broken.cache_clear()


def ended(text: str, fits: Callable[[str], bool]) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if fits(text):
        return text
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if fits(_ended(text, middle)):
            least = middle
        else:
            most = middle - 1
    return _ended(text, least)


def _ended(text: str, end: int) -> str:
    """As much of its beginning, and an ellipsis."""
    return written(f"{text[:end].rstrip()}{ELLIPSIS}")


def one_line(text: str, font: str, letters: float, width: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as a line of this width holds."""
    return ended(text, lambda each: extent(each, font, int(letters), bold=bold) <= width)


def fitting(text: str, letters: float, width: float, lines: int = 1) -> int:
    """The height of bold letters in pixels, up to this one, in which a text stands on so many lines in the middle of
    this width; half of it at least.
    """
    size = int(letters)
    while size > letters / 2 and not _stands(text, size, width, lines):
        size -= 1
    return size


def _stands(text: str, size: int, width: float, lines: int) -> bool:
    """Whether it does, in letters of this size."""
    wanted = extent(text, "Text", size, bold=True)
    if lines == 1 or wanted <= width * FULL - EDGE:
        return wanted <= width * FULL - EDGE
    room = int(width) - EDGE
    if wanted > width * lines * LOOSE or widest(text, "Text", size, bold=True) > room:
        return False
    return len(broken(text, "Text", size, room, bold=True, centred=True)) <= lines


class WholeLines(TextEngine):
    """Lines of which each has room: Kivy's own measures every word of a text to find where its lines break."""

    _text_size: Any

    def render(self, real: bool = False) -> tuple[int, int]:
        """See `LabelBase`: what is drawn is as wide as its room, the longest line or not."""
        across, up = self._text_size
        if real or not across:
            found: tuple[int, int] = super().render(real)
            return found
        self._text_size = None, up
        _, high = super().render()
        self._text_size = across, up
        return (int(across), high) if high else (0, 0)


class Words(Label):
    """Text that fits: it shrinks to its width (down to `MIN_SCALE`), then ends in an ellipsis. As tall as its lines."""

    letters = NumericProperty(24)
    """Font size in pixels before any shrinking."""
    least = NumericProperty(0)
    """Font size in pixels below which it does not shrink."""
    lines = NumericProperty(1)
    min_scale = NumericProperty(MIN_SCALE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("text", "letters", "least", "lines", "min_scale", "size", "font_name", "bold"):
            self.fbind(name, self._fit)
        self._fit()

    @property
    def _smallest(self) -> float:
        """Height of its letters when it has shrunk as far as it does."""
        return float(min(self.letters, max(self.letters * self.min_scale, self.least)))

    def _create_label(self) -> None:
        super()._create_label()
        self._label.__class__ = WholeLines

    def _fit(self, *_: object) -> None:
        least = self._smallest / self.letters if self.letters else 1.0
        wanted = self._extent(self.letters) if self.text else 0
        room = self.width * FULL - EDGE if self.lines == 1 else self.width * self.lines * LOOSE
        part = min(1.0, max(least, room / wanted)) if wanted else 1.0
        if self.lines > 1:
            part = min(part, max(least, self._whole_words()))
        # Laid out from the middle, what has too many lines would lose its first.
        self.max_lines, self.valign = int(self.lines), "top" if self.lines > 1 else "middle"
        size = int(self.letters * part)
        # Small letters are wider than in proportion: their widths are whole pixels.
        while part < 1 and self.lines == 1 and size > self._smallest and self._extent(size) > room:
            size -= 1
        self.font_size = size
        self.text_size = (self.width, None if self.lines > 1 else self.height)

    def texture_update(self, *_: object) -> None:
        """See `Label`: only now, once for all that changed, several lines are measured as they break."""
        whole = shown = self._written
        if self.width > 1 + EDGE:
            while self.lines > 1 and self.font_size - 1 >= self._smallest and (self._tears() or not self._fits(whole)):
                self.font_size -= 1
            shown = ended(whole, self._fits)
        several = self.lines > 1 and self.width > 1 + EDGE
        self._label.text = "\n".join(self._broken(shown)) if several else shown
        super().texture_update()
        if shown != whole:
            self.is_shortened = True

    @property
    def _written(self) -> str:
        return written(self.text)

    def _fits(self, text: str) -> bool:
        """Whether it needs no more lines than there are."""
        if self.lines == 1:
            return self._extent(self.font_size, text) <= float(self.width) - EDGE
        return len(self._broken(text)) <= int(self.lines)

    def _tears(self) -> bool:
        """Whether a word is wider than a line."""
        return widest(self._written, self.font_name, int(self.font_size), bold=self.bold) > int(self.width) - EDGE

    def _broken(self, text: str) -> tuple[str, ...]:
        """The lines it stands on."""
        size, room, centred = int(self.font_size), int(self.width) - EDGE, self.halign == "center"
        if "\n" not in text and self._extent(size, text) <= room:
            return (text,)
        return broken(text, self.font_name, size, room, bold=self.bold, centred=centred)

    def _whole_words(self) -> float:
        """Of the letters' height, what lets the longest word stand on one line; signs of Chinese break anywhere."""
        wanted = widest(self._written, self.font_name, int(self.letters), bold=self.bold)
        return self.width * FULL / wanted if wanted > 0 else 1.0

    def _extent(self, letters: float, text: str | None = None) -> float:
        """Width of the whole text, or of this one, in letters of this height."""
        return extent(self._written if text is None else text, self.font_name, int(letters), bold=self.bold)


class OfferWords(BoxLayout):
    """What an offer is called and the line below, the same on every card of it. Laid out in `text.kv`."""

    offer = ObjectProperty(None, rebind=True, allownone=True)
    """An `OfferCard`."""
    title_letters = NumericProperty(36)
    title_lines = NumericProperty(2)
    title_scale = NumericProperty(MIN_SCALE)
    title_leading = NumericProperty(1.0)
    letters = NumericProperty(25)
    """Of the line below, in pixels."""
    lines = NumericProperty(2)
    """That the line below has at most."""
    even = BooleanProperty(False)
    """Whether there is room for the line where there is none, so that those in a row are alike."""


class Badge(BoxPanel):
    """`-35%` on a pill. Laid out in `text.kv`."""

    text = StringProperty("")
    k = NumericProperty(1.0)


class PriceTag(Widget):
    """A price in three sizes on one baseline: `¥12.90`. Shrinks as a whole to the widget's width."""

    symbol = StringProperty("¥")
    whole = StringProperty("0")
    cents = StringProperty("")
    letters = NumericProperty(84)
    """Font size of the whole part, in pixels."""
    colour = ColorProperty(theme.TOMATO)
    centred = BooleanProperty(False)
    """Set in the middle; otherwise from the left."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.drawn = (0.0, 0.0)
        """Width and height of what is drawn, in pixels."""
        for name in ("symbol", "whole", "cents", "letters", "colour", "centred", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def read(self) -> str:
        """The price as one text."""
        return f"{self.symbol}{self.whole}{self.cents}"

    def _parts(self, letters: float) -> list[Any]:
        parts = []
        for text, size in ((self.symbol, 0.5), (self.whole, 1.0), (self.cents, 0.5)):
            if text:
                engine = TextEngine(text=text, font_name="Figures", font_size=int(letters * size))
                engine.refresh()
                parts.append(engine)
        return parts

    def _draw(self, *_: object) -> None:
        parts = self._parts(self.letters)
        letters = self.letters
        while (width := sum(part.texture.width for part in parts)) > self.width > 1 and letters > 1:
            letters = min(letters - 1, letters * self.width / width)  # small figures are wider than in proportion
            parts = self._parts(letters)
        self.canvas.clear()
        self.drawn = (
            sum(part.texture.width for part in parts),
            max((part.texture.height for part in parts), default=0),
        )
        if not parts:
            return
        # The figures have no descenders: the tallest part's line box is centred, and all of them stand on its baseline.
        tallest = max(part.texture.height for part in parts)
        drop = max(abs(part.get_descent()) for part in parts)
        baseline = self.y + (self.height - tallest) / 2 + drop
        x = self.x + (max(0, (self.width - sum(part.texture.width for part in parts)) / 2) if self.centred else 0)
        with self.canvas:
            Color(*self.colour)
            for part in parts:
                below = abs(part.get_descent())
                Rectangle(texture=part.texture, pos=(round(x), round(baseline - below)), size=part.texture.size)
                x += part.texture.width
