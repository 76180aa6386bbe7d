"""Letters that a receipt printer never has: Arabic, Hebrew, Thai, Devanagari … shaped as a run and kept in its columns.

A run takes one column a cluster, like everything on a slip, and what a font draws wider or higher is made smaller, so
that a name never lies over its neighbour.
"""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from PIL import Image, ImageDraw, ImageFont

from words.line_breaks import clusters

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def parts(text: str) -> list[TextRun]:
    """A line as single letters, and as runs of what has to be shaped together, words of one run with their spaces."""
    found: list[TextRun] = []
    column = 0
    for cluster in clusters(text):
        shaped = _is_shaped(cluster.text[0])
        before = found[-1] if found else None
        if before and before.shaped and (shaped or cluster.text == " "):
            found[-1] = TextRun(before.text + cluster.text, before.column, before.columns + cluster.width, True)
        else:
            found.append(TextRun(cluster.text, column, cluster.width, shaped))
        column += cluster.width
    return [part for whole in found for part in _without_spaces(whole)]


def _without_spaces(part: TextRun) -> Iterator[TextRun]:
    """Spaces behind a run belong to nobody."""
    text = part.text.rstrip(" ")
    yield TextRun(text, part.column, part.columns - (len(part.text) - len(text)), part.shaped) if part.shaped else part


def _is_shaped(character: str) -> bool:
    return any(first <= character <= last for first, last in _SHAPED)


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction in ("R", "AL") for direction in directions if direction in ("L", "R", "AL")), False)


class Fonts:
    """One size of the chosen font, and of others on this box for what it lacks."""

    def __init__(self, path: Path, index: int, size: int) -> None:
        self._size = size
        self._first = ImageFont.truetype(str(path), size, index=index)
        self.of = functools.lru_cache(maxsize=2048)(self._of)

    def _of(self, text: str) -> tuple[ImageFont.FreeTypeFont, str] | None:
        """A font that has every letter of the text, and the text, without its accents where only those are missing."""
        bare = "".join(letter for letter in text if unicodedata.category(letter) not in ("Mn", "Me"))
        for wanted in (text, bare):
            letters = {letter for letter in wanted if unicodedata.category(letter) not in ("Cf", "Zs")}
            for font in self._all():
                if all(_has(font, letter) for letter in letters):
                    return font, wanted
        return None

    def _all(self) -> Iterator[ImageFont.FreeTypeFont]:
        yield self._first
        yield from _others(self._size)


@functools.lru_cache(maxsize=4)
def _others(size: int) -> tuple[ImageFont.FreeTypeFont, ...]:
    named = [path for path in map(Path, _MORE) if path.exists()]
    return tuple(ImageFont.truetype(str(path), size) for path in [*named, *sorted(_NOTO.glob("NotoSans*-Regular.ttf"))])


def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    drawn, nothing = font.getmask(letter, mode="1"), font.getmask(_NOWHERE, mode="1")
    return (drawn.size, bytes(drawn)) != (nothing.size, bytes(nothing))


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
