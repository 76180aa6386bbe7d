"""How names and questions become comparable: one case, no accents, one width; and the pieces that the index holds.

Latin, Cyrillic and Greek are written in words. Chinese, Japanese and Thai are not: there every letter and every pair
of letters is a piece, because SQLite's trigrams find nothing shorter than three, and 牛奶 has two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_ACCENTS: Final = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
"""And what is not seen: soft hyphens, joiners, marks of direction."""
_LETTERS: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_UNSPACED: Final = (
    "\u0e00-\u0e7f"  # Thai
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
)
_RUN: Final = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_FIRST: Final = re.compile(f"[{_UNSPACED}]")


def fold(text: str) -> str:
    """Lower case without accents, full-width forms and ligatures resolved, words one space apart."""
    if text.isascii():
        return " ".join(_RUN.findall(text.lower()))
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    return " ".join(_RUN.findall(unicodedata.normalize("NFC", plain)))


def unspaced(run: str) -> bool:
    """Whether a run of letters belongs to a script that is written without spaces."""
    return _FIRST.match(run) is not None


def pieces(folded: str) -> Iterator[str]:
    """What the word index holds of a folded text: words as they are, unspaced runs letter by letter and in pairs."""
    for run in folded.split():
        if unspaced(run):
            yield from run
            yield from map("".join, pairwise(run))
        else:
            yield run
