"""What leads to a product on a pad of letters or digits, where nobody can type a word.

Chinese goes by the first letters of its pinyin (`xnn`; `zh`, `ch` and `sh` as one letter or two: `znk`, `zhnk`) or by
the whole of it; English and German by the beginnings of words; a number by the bar code, its end, or a shelf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Final

from edge.products.folding import fold
from edge.products.pinyin import readings_of
from edge.products.product import Product
from edge.products.synonyms import other_words
from gs1.trade import shown
from words.languages import Words, in_language, known

EVERY: Final = "*"
"""Stands for the pad of each language: there what has one name only is found."""
NUMBERS: Final = "#"
"""The pad of digits."""
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
DIGITS: Final = "0123456789"
INITIALS: Final = 8
SPELLED: Final = 20
"""Letters of a key: whoever has typed so many has long seen what was meant."""
WAYS: Final = 2
"""Ways to read one run of characters."""
LAST: Final = 4
"""Digits of the end of a bar code that are enough to find it."""
_TWO: Final = ("zh", "ch", "sh")
_PART: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z]+")


def pad_of(language: str) -> str:
    """How a language's pad is called in a key: `zh:xnn`."""
    return language.partition("-")[0]


def keys_of(good: Product) -> set[str]:
    """Everything that leads to a product."""
    found = {f"{NUMBERS}:{each}" for each in _numbers(good)}
    for texts in (good.name, good.brand):
        for text, pads in _texts(texts).items():
            found |= {f"{pad}:{key}" for pad in pads for key in _keys_of_text(text)}
    return found


@lru_cache(maxsize=1024)
def _keys_of_text(text: str) -> frozenset[str]:
    """Of a name or brand, and of the other words for what it names. Brands come again and again."""
    folded = fold(text)
    others = (key for other in other_words(folded) for key in first_keys(other))
    return frozenset((*_keys(folded), *others))


def reach(text: str, typed: str) -> tuple[int, int] | None:
    """From where to where the text is what these letters stand for; none where it is not."""
    before = ""
    for start, letter in enumerate(text):
        latin = _latin(letter)
        if (readings_of(letter) or (latin and not _latin(before))) and (end := _end(text, start, typed)) is not None:
            return start, end
        before = letter
    return None


def one_slip(typed: str, at: int, keys: str) -> Iterator[str]:
    """What may have been meant where the finger slipped at this letter."""
    begun, rest = typed[:at], typed[at:]
    for key in keys:
        yield f"{begun}{key}{rest}"
        if rest:
            yield f"{begun}{key}{rest[1:]}"
    if len(rest) > 1:
        yield f"{begun}{rest[1:]}"
        yield f"{begun}{rest[1]}{rest[0]}{rest[2:]}"


def _end(text: str, at: int, typed: str) -> int | None:
    """Where the typed letters are used up, if the text goes on as they do."""
    if not typed:
        return at
    if at >= len(text):
        return None
    rests = _rests(text[at], typed)
    ends = [at + 1 if not rest else _end(text, at + 1, rest) for rest in rests]
    return next((end for end in ends if end is not None), None)


def _rests(letter: str, typed: str) -> list[str]:
    """What is left of the typed letters behind this one, the most that it may stand for first."""
    ways = readings_of(letter)
    if not ways:
        plain = _latin(letter)
        return [typed[len(plain) :]] if typed.startswith(plain) else [""] if plain.startswith(typed) else []
    if any(way.startswith(typed) for way in ways):
        return [""]
    parts = {part for way in ways for part in (way, way[:2] if way[:2] in _TWO else way[:1], way[:1])}
    return [typed[len(part) :] for part in sorted(parts, key=len, reverse=True) if typed.startswith(part)]


def _latin(letter: str) -> str:
    """The plain letters that a letter is typed as; empty for what is no letter of a pad."""
    return "".join(each for each in fold(letter) if each in LETTERS)


def _texts(words: Words) -> dict[str, list[str]]:
    """Each text, with the pads that it is on: a language that has none of its own is shown another's."""
    found: dict[str, list[str]] = {}
    for language in known():
        if text := in_language(words, language):
            found.setdefault(text, []).append(pad_of(language))
    return {text: [EVERY] if len(pads) == len(known()) else pads for text, pads in found.items()}


def _keys(folded: str) -> Iterator[str]:
    """From each of its characters and words on."""
    latin: list[str] = []
    for part in _PART.findall(folded):
        if part.isascii():
            latin.append(part)
            continue
        for way in islice(product(*map(_readings, part[:SPELLED])), WAYS):
            for at in range(len(way)):
                yield from _spelled(way[at:])
    for at, word in enumerate(latin):
        if len(word) > 1:  # sizes: nobody looks for an L
            yield "".join(latin[at:])[:SPELLED]


def first_keys(word: str) -> Iterator[str]:
    """Another word for a thing is typed from its first letter on."""
    if word.isascii():
        yield "".join(_PART.findall(word))[:SPELLED]
        return
    yield from _spelled([_readings(letter)[0] for letter in word])


def _spelled(way: list[str] | tuple[str, ...]) -> Iterator[str]:
    yield "".join(each[:1] for each in way[:INITIALS])
    yield "".join(each[:2] if each[:2] in _TWO else each[:1] for each in way[:INITIALS])
    yield "".join(way)[:SPELLED]


def _readings(letter: str) -> tuple[str, ...]:
    return readings_of(letter) or ("",)


def _numbers(good: Product) -> Iterator[str]:
    code = shown(good.gtin)
    yield code
    yield code[-LAST:]
    for shelf in good.shelves:
        if digits := "".join(each for each in shelf if each in DIGITS):
            yield digits
