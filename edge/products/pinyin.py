"""How Han characters are spelled in Latin letters: `niunai` and `nn` find 鲜牛奶."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from itertools import chain, islice, product, zip_longest
from typing import Final

MARK: Final = "ǁ"
"""Begins each spelling in the index of words: no word of any language begins so."""
_RUN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
WAYS: Final = 4
"""Ways to read one run: 乳 has one, 重调 has four."""
LONGEST: Final = 24
"""Characters of a run that are spelled."""


def spelled(text: str) -> Iterator[str]:
    """Each run from each of its characters on: whole (`xianniunai`, `niunai`, `nai`), and by first letters (`xnn`)."""
    readings = _readings()
    for run in _RUN.findall(text):
        known = [readings.get(letter, ("",)) for letter in run[:LONGEST]]
        for way in islice(product(*known), WAYS):
            for at in range(len(way)):
                yield "".join(way[at:])
                yield "".join(each[:1] for each in way[at:])


def as_heard(text: str) -> Iterator[str]:
    """The text with its Han characters spelled as they sound: 香焦 gives `xiangjiao`, so whoever took a wrong one of
    the same sound is understood. Nothing where a character is rare, or has no other beside it.
    """
    runs = _RUN.findall(text)
    if not runs or any(len(run) < 2 or len(run) > LONGEST for run in runs):
        return
    ways = [["".join(way) for way in islice(product(*map(readings_of, run)), WAYS)] for run in runs]
    for way in islice(product(*ways), WAYS):
        yield " ".join(chain.from_iterable(zip_longest(_RUN.split(text), way, fillvalue=""))).strip()


def sounds(term: str, text: str) -> bool:
    """Whether somebody who types this may mean characters of the text."""
    return len(term) > 1 and term.isascii() and any(each.startswith(term) for each in spelled(text))


def readings_of(letter: str) -> tuple[str, ...]:
    """How one character is read; none for what is no Han character, or a rare one."""
    return _readings().get(letter, ())


@lru_cache(maxsize=1)
def _readings() -> dict[str, tuple[str, ...]]:
    """The readings of each character, read when they are first asked for."""
    found: dict[str, tuple[str, ...]] = {}
    for line in resources.files("edge.products").joinpath("pinyin.txt").read_text("utf-8").splitlines():
        reading, _, letters = line.partition(" ")
        if reading == "#":
            continue
        for letter in letters:
            # Who has no ü on the keyboard types v, or u.
            found[letter] = (*found.get(letter, ()), *dict.fromkeys((reading, reading.replace("v", "u"))))
    return found
