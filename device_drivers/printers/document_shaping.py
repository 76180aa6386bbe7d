"""Letters that a receipt printer never has: Arabic, Hebrew, Thai, Devanagari … shaped as a run and kept in its columns.

A run takes one column a cluster, like everything on a slip, and what a font draws wider or higher is made smaller, so
that a name never lies over its neighbour.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from PIL import Image, ImageDraw, ImageFont

from words.line_breaks import clusters

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_SHAPED: Final = (("\u0590", "\u109f"), ("\u1780", "\u18af"), ("\ufb1d", "\ufdff"), ("\ufe70", "\ufefe"))
"""Blocks whose letters change with their neighbours, or run from right to left: Hebrew to Myanmar, Khmer, Mongolian,
presentation forms.
"""
_MORE: Final = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSerif.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSans.ttf",
)
_NOTO: Final = Path("/usr/share/fonts/truetype/noto")
_NOWHERE: Final = "\U000effff"
"""No font has it."""


class TextRun(msgspec.Struct, frozen=True):
    """What is drawn at once, where it begins and how many columns it has."""

    text: str
    column: int
    columns: int
    shaped: bool
    """Whether it is a run that must be shaped as a whole."""


def parts(text: str, gaps: Container[int] = ()) -> list[TextRun]:
    """A line as single letters, and as runs of what has to be shaped together. No run goes over one of the columns in
    `gaps`, which lie between two cells.
    """
    letters: list[TextRun] = []
    column = 0
    for cluster in clusters(text):
        letters.append(TextRun(cluster.text, column, cluster.width, _is_shaped(cluster.text[0])))
        column += cluster.width
    cells = itertools.groupby(letters, lambda letter: letter.column not in gaps)
    return [run for is_cell, cell in cells if is_cell for run in _runs(list(cell))]


def _runs(cell: list[TextRun]) -> Iterator[TextRun]:
    """A cell whose words run from right to left is set as a whole, so that its numbers stand where they are read."""
    inked = [place for place, letter in enumerate(cell) if letter.text != " "]
    if not inked:
        return
    cell = cell[inked[0] : inked[-1] + 1]
    whole = _joined(cell)
    in_other_fonts = any(letter.columns > 1 or (letter.shaped and _runs_right(letter)) for letter in cell)
    if right_to_left(whole.text) and not in_other_fonts:
        yield whole
        return
    at = 0
    while at < len(cell):
        end = _end_of_run(cell, at)
        yield _joined(cell[at:end]) if end > at + 1 else cell[at]
        at = end


def _end_of_run(cell: list[TextRun], at: int) -> int:
    """Where a run ends that begins at `at`: words of one direction with their spaces, and from right to left with the
    numbers and signs between them.
    """
    leftward, end = right_to_left(cell[at].text), at + 1
    if not cell[at].shaped:
        return end
    for place in range(at + 1, len(cell)):
        letter = cell[place]
        if letter.shaped and _runs_right(letter) != leftward:
            end = place + 1
        elif letter.text != " " and (_runs_right(letter) or not leftward or letter.columns > 1):
            break
    return end


def _runs_right(letter: TextRun) -> bool:
    return unicodedata.bidirectional(letter.text[0]) == "L"


def _joined(letters: list[TextRun]) -> TextRun:
    text = "".join(letter.text for letter in letters)
    return TextRun(text, letters[0].column, sum(letter.columns for letter in letters), True)


def _is_shaped(character: str) -> bool:
    return any(first <= character <= last for first, last in _SHAPED)


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction in ("R", "AL") for direction in directions if direction in ("L", "R", "AL")), False)


class _Font(msgspec.Struct, frozen=True):
    """A font in one size."""

    shaping: ImageFont.FreeTypeFont
    plain: ImageFont.FreeTypeFont
    """The same without shaping, which puts an accent that it has beside a letter that it lacks."""

    @classmethod
    def load(cls, path: Path, size: int, index: int = 0) -> _Font:
        """Raises `OSError`."""
        plain = ImageFont.truetype(str(path), size, index=index, layout_engine=ImageFont.Layout.BASIC)
        return cls(ImageFont.truetype(str(path), size, index=index), plain)

    def has(self, letter: str) -> bool:
        """Whether it can draw a letter."""
        drawn, nothing = self.plain.getmask(letter, mode="1"), self.plain.getmask(_NOWHERE, mode="1")
        return (drawn.size, bytes(drawn)) != (nothing.size, bytes(nothing))


class Fonts:
    """One size of the chosen font, and of others on this box for what it lacks."""

    def __init__(self, path: Path, index: int, size: int) -> None:
        self._size = size
        self._first = _Font.load(path, size, index)
        self.of = functools.lru_cache(maxsize=2048)(self._font_for)

    def _font_for(self, text: str) -> tuple[ImageFont.FreeTypeFont, str] | None:
        """A font that has every letter of the text, and the text, without its accents where only those are missing."""
        bare = "".join(letter for letter in text if unicodedata.category(letter) not in ("Mn", "Me"))
        for wanted in (text, bare):
            letters = {letter for letter in wanted if unicodedata.category(letter) not in ("Cf", "Zs")}
            for font in self._fonts():
                if all(font.has(letter) for letter in letters):
                    return font.shaping, wanted
        return None

    def _fonts(self) -> Iterator[_Font]:
        yield self._first
        yield from _others(self._size)


@functools.lru_cache(maxsize=4)
def _others(size: int) -> tuple[_Font, ...]:
    named = [path for path in map(Path, _MORE) if path.exists()]
    return tuple(_Font.load(path, size) for path in [*named, *sorted(_NOTO.glob("NotoSans*-Regular.ttf"))])


def draw(text: str, font: ImageFont.FreeTypeFont, box: tuple[int, int], baseline: int, align: str) -> Image.Image:
    """A mask of the size `box`: set where there is ink. What does not fit is made smaller, never cut off."""
    across, down = box
    left, top, right, bottom = font.getbbox(text, mode="1", anchor="ls")
    whole = Image.new("1", (max(1, int(right - left)), max(1, int(bottom - top))), 0)
    pencil = ImageDraw.Draw(whole)
    pencil.fontmode = "1"
    pencil.text((-left, -top), text, fill=1, font=font, anchor="ls")
    width, height = min(whole.width, across), min(whole.height, down)
    if (width, height) != whole.size:
        grey = whole.convert("L").resize((width, height), Image.Resampling.LANCZOS)
        whole = grey.point(lambda value: 255 if value > 90 else 0).convert("1")
    x = {"left": 0, "center": (across - width) // 2, "right": across - width}[align]
    y = min(max(0, baseline + int(top)), down - height)
    mask = Image.new("1", box, 0)
    mask.paste(whole, (x, y))
    return mask
