"""Text on paper, in columns: what a receipt printer has no letters for, how wide a text is, where its lines end."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from words import line_breaks
from words.line_breaks import clusters

_PLAIN: Final = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
}
_MARKS: Final = "[\u2018\u2019\u201c\u201d\u2013\u2014\u2026]+"
_BESIDE_LATIN: Final = re.compile(rf"(?<=[0-9A-Za-z\u00c0-\u024f]){_MARKS}|{_MARKS}(?=[0-9A-Za-z\u00c0-\u024f])")


_MAX_MARKS: Final = 4
"""Accents on one letter: no script needs more, and a name with fifty of them is a joke on its neighbours."""


def _is_picture(character: str) -> bool:
    """Emoji, and what only belongs to them; receipt printers have none, and fonts draw boxes for them."""
    return (
        "\U0001f000" <= character <= "\U0001faff"
        or "\U000e0000" <= character <= "\U000e01ef"
        or (character in "\ufe0e\ufe0f\u20e3")
    )


def _invisible(character: str) -> bool:
    """Controls, direction marks, private and unassigned letters: nothing that a reader would miss."""
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs") and character not in "\n\u200c\u200d"


def without_pictures(text: str) -> str:
    """The text without emoji and without what nobody sees; `*` where nothing is left of it."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if not _is_picture(character) and not _invisible(character) and marks <= _MAX_MARKS:
            kept.append(character)
    rest = _JOINER.sub("", "".join(kept))
    if rest == text:
        return text
    return _GAP.sub(" ", rest).strip(" ") or "*"


_JOINER: Final = re.compile(
    "(?<![\u0590-\u109f\u1780-\u18af])[\u200c\u200d]+|[\u200c\u200d]+(?![\u0590-\u109f\u1780-\u18af])"
)
"""Joiners that join no letters of a script that has them."""
_GAP: Final = re.compile(" {2,}")


def plain(text: str) -> str:
    """The text in composed form (NFC) without emoji, with quotes and dashes beside Latin letters as a typewriter has
    them: receipt printers have the others in Chinese fonts alone, two columns wide. What it returned, it returns
    unchanged.
    """
    composed = unicodedata.normalize("NFC", without_pictures(text))
    return _BESIDE_LATIN.sub(lambda found: "".join(_PLAIN[mark] for mark in found.group()), composed)


def width(text: str) -> int:
    """Columns of a text on one line."""
    return sum(cluster.width for cluster in clusters(text))


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` (at least 2) columns, of the text as it is printed. See `words.line_breaks.wrap`."""
    return line_breaks.wrap(plain(text), columns)


def balanced(text: str, columns: int) -> list[str]:
    """The same about equally long, for what stands centred. See `words.line_breaks.balanced`."""
    return line_breaks.balanced(plain(text), columns)
