"""What somebody means who types: the words themselves, how they sound, another word for the same, a slip of the finger.

Each step is taken only where the ones before have not filled the list; and each hit says by which it was found.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

import msgspec

from edge.products.folding import fold, unspaced
from edge.products.pad_keys import LETTERS, one_slip, pad_of
from edge.products.pinyin import as_heard, spelled
from edge.products.respelling import respelled
from edge.products.synonyms import groups
from words.languages import USUAL, known

if TYPE_CHECKING:
    from edge.products.product import Product
    from edge.products.version import Version

LONGEST: Final = 200
"""Letters that are looked at: there are signs that stand for four words each."""
SLIPS: Final = 3
"""Words that are tried instead of one that nothing has."""
CHINESE: Final = pad_of("zh-CN")
COMPOUND: Final = 5
"""Letters of a word that may be a part of another: shorter ones are that by chance."""
ENOUGH: Final = 3
"""Hits, from which on no other word is thought of."""


HOW: Final = ("words", "sound", "synonym", "category", "slip")
"""The surest first."""


class Hit(msgspec.Struct, frozen=True):
    """A product, and how it was found."""

    product: Product
    how: str
    """One of `HOW`."""


class SearchResult(msgspec.Struct, frozen=True):
    """What is shown."""

    hits: list[Hit]
    meant: tuple[str, ...] = ()
    """The words that were looked for instead, or as well."""

    @property
    def products(self) -> list[Product]:
        """Without how."""
        return [hit.product for hit in self.hits]


def search(version: Version, words: str, limit: int = 20, language: str = USUAL[0]) -> SearchResult:
    """Returns what may be meant, the surest first."""
    words = normalize("NFKC", words)[:LONGEST]
    hits = [Hit(*each) for each in version.hits(words, limit, language)]
    meant: list[str] = []
    if len(hits) < ENOUGH:
        for other in alternatives(words):
            _add(version, other, "synonym", hits, meant, limit, language)
        _add_typed(version, words, hits, limit)
        _add_category(version, words, hits, limit)
    if not hits:
        _add_respelled(version, words, hits, limit, language)
    if not hits:
        slips = _slips(version, words)
        for other in (*slips, *(another for each in slips for another in alternatives(each))):
            _add(version, other, "slip", hits, meant, limit, language)
    if not hits:
        _add_heard(version, words, hits, limit, language)
    if not hits:
        _add_slips_of_sound(version, words, hits, limit)
    hits.sort(key=lambda hit: HOW.index(hit.how))
    return SearchResult(hits[:limit], tuple(meant))


def alternatives(words: str) -> list[str]:
    """Returns the same question with other words for the same thing."""
    whole = fold(words)
    found = [
        _replaced(whole, word, other)
        for group in groups()
        for word in group
        if word in whole
        for other in group
        if other != word and _may_replace(word, whole, other)
    ]
    # Spelled as it sounds: xihongshi is 西红柿, and so a tomato.
    heard = [other for group in groups() if any(_sounds_like(whole, word) for word in group) for other in group]
    return [each for each in dict.fromkeys((*found, *heard)) if each != whole]


def _typed(words: str) -> str:
    """Latin letters that may be the pinyin of something, or its first letters."""
    letters = fold(words).replace(" ", "")
    return letters if len(letters) > 1 and letters.isascii() and letters.isalpha() else ""


def _add_typed(version: Version, words: str, hits: list[Hit], limit: int) -> None:
    """As on a screen's pad: by first letters of names and of other words for them, `zhnk` and `nbs` too; and words that
    are written together: `cocacola`, `lays`.
    """
    if typed := _typed(words):
        for pad in map(pad_of, known()):
            _add_products(version.keyed(pad, [typed], limit), "sound", hits)


def _add_respelled(version: Version, words: str, hits: list[Hit], limit: int, language: str) -> None:
    """The same words as another keyboard has them."""
    for other in respelled(fold(words)):
        for each in (other, *alternatives(other)):
            _add_products([product for product, _ in version.hits(each, limit, language)], "words", hits)


def _add_heard(version: Version, words: str, hits: list[Hit], limit: int, language: str) -> None:
    """What sounds the same: 香焦 is 香蕉, 苹裹 is 苹果, by their own names and by other words for them."""
    for heard in dict.fromkeys(as_heard(fold(words))):
        _add_products([product for product, _ in version.hits(heard, limit, language)], "sound", hits)
        for other in alternatives(heard):
            _add_products([product for product, _ in version.hits(other, limit, language)], "sound", hits)


def _add_slips_of_sound(version: Version, words: str, hits: list[Hit], limit: int) -> None:
    if version.keys and len(typed := _typed(words)) > SLIPS:
        near = version.keys.near(CHINESE, typed, LETTERS)
        _add_products(version.keyed(CHINESE, near, limit), "slip", hits)


def _add_category(version: Version, words: str, hits: list[Hit], limit: int) -> None:
    """Goods of a category that is called so, or sounds so."""
    whole = fold(words)
    for category, names in version.category_words().items():
        called = set(map(fold, names.values()))
        if whole and (
            not called.isdisjoint((whole, *respelled(whole))) or any(_sounds_like(whole, name) for name in called)
        ):
            _add_products(version.in_category(category, limit), "category", hits)


def _add_products(products: list[Product], how: str, hits: list[Hit]) -> None:
    known = {hit.product.gtin for hit in hits}
    hits.extend(Hit(each, how) for each in products if each.gtin not in known)


def _add(version: Version, words: str, how: str, hits: list[Hit], meant: list[str], limit: int, language: str) -> None:
    before = len(hits)
    _add_products([product for product, by in version.hits(words, limit, language) if by == "words"], how, hits)
    if len(hits) > before:
        meant.append(words)


def _sounds_like(whole: str, word: str) -> bool:
    typed = whole.replace(" ", "")
    return len(typed) > 3 and unspaced(word) and typed.isascii() and typed in spelled(word)


def _may_replace(word: str, whole: str, other: str) -> bool:
    """Whether another word may stand for this one there."""
    return unspaced(word) or _part(word, parts=not unspaced(other)).search(whole) is not None


def _replaced(whole: str, word: str, other: str) -> str:
    return whole.replace(word, other) if unspaced(word) else _part(word, parts=not unspaced(other)).sub(other, whole)


@lru_cache(maxsize=4096)
def _part(word: str, *, parts: bool) -> re.Pattern[str]:
    """Where a word stands; of Latin letters also where it begins or ends a longer one, as in Erdbeerkonfitüre."""
    found = re.escape(word)
    return re.compile(rf"\b{found}|{found}\b" if parts and len(word) >= COMPOUND else rf"\b{found}\b")


def _slips(version: Version, words: str) -> list[str]:
    """Returns the question with one word of the catalogue for each that it has not."""
    questions = [""]
    for term in fold(words).split():
        near = [term] if unspaced(term) or len(term) < 4 else (_nearest(term, version) or [term])
        questions = [f"{begun} {each}".strip() for begun in questions for each in near][:SLIPS]
    return [each for each in questions if each != fold(words)]


def _nearest(term: str, version: Version) -> list[str]:
    most = 1 if len(term) < 8 else 2
    others = {word for group in groups() for word in group}
    known = [*version.vocabulary(term[0]), *(word for word in others if word[0] == term[0])]
    measured = sorted({(distance(term, word, most), word) for word in known if abs(len(word) - len(term)) <= most})
    near = [word for steps, word in measured if steps <= most]
    # The first letter is mistaken less often, and not looked for among all words.
    first = (word for word in one_slip(term, 0, LETTERS) if word in others or version.has_word(word))
    return [*dict.fromkeys((*near, *first))][:SLIPS]


def distance(one: str, other: str, most: int) -> int:
    """Returns how many letters were left out, doubled, mistaken or swapped; more than `most` is not counted on."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at]
        for there, wanted in enumerate(other, 1):
            steps = min(row[-1] + 1, before[there] + 1, before[there - 1] + (letter != wanted))
            if at > 1 and there > 1 and letter == other[there - 2] and one[at - 2] == wanted:
                steps = min(steps, last[there - 2] + 1)
            row.append(steps)
        if min(row) > most:
            return most + 1
    return row[-1]
