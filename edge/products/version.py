"""One version, open for reading: found by code, by words, by shelf and by category."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import msgspec

from edge.products.build import APPLICATION, CLASS, FORMAT
from edge.products.folding import fold, unspaced
from edge.products.key_index import KeyIndex
from edge.products.pinyin import MARK, sounds
from edge.products.product import Product
from gs1 import spelled
from gs1.trade import gtin14
from words.languages import USUAL, Words, in_language

TAKEN: Final = 64
"""Hits of each kind that are ranked: the index gives the best first."""
TERMS: Final = 8
"""Words of a question that are looked at."""
SOUND: Final = 6
"""The rank of a hit by sound; all hits of the words themselves are below."""
LONGEST: Final = 80
"""Letters of a question."""

MAX_KNOWN: Final = 2_000
"""Products that are remembered: a basket's are asked for some ten times at each of its changes."""

_DECODER: Final = msgspec.json.Decoder(Product)


class BadVersion(ValueError):
    """The file is no version of a catalogue, or of another format."""


class Question(msgspec.Struct, frozen=True):
    """What somebody typed, made comparable."""

    whole: str
    terms: tuple[str, ...]

    @classmethod
    def of(cls, words: str) -> Question:
        whole = fold(words[:LONGEST])
        return cls(whole, tuple(dict.fromkeys(_split(whole)))[:TERMS])


class Version:
    """Reads one version. What one object answers is of that version, however often others come into force."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `BadVersion`, `OSError`."""
        if not path.is_file():
            raise FileNotFoundError(path)
        self.name = path.stem.partition("-")[2]
        # Immutable: nobody writes it, so nothing is locked and nothing is looked at twice.
        self._db = sqlite3.connect(
            f"{path.resolve().as_uri()}?immutable=1&mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
        # Whoever still holds this version when the next comes into force may read on; the last one closes it.
        self._end = weakref.finalize(self, self._db.close)
        self._db.execute("PRAGMA mmap_size=268435456")
        try:
            self._db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)")
            said = [self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            self._db.execute("SELECT 1 FROM products LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            raise BadVersion(f"{path.name}: {error}") from None
        if said != [APPLICATION, FORMAT]:
            raise BadVersion(f"{path.name}: expected format {FORMAT} of a catalogue, found {said}")
        self.keys = KeyIndex.of(self._db)
        """What pads lead to; none in a version that was made before there were pads."""
        self._known: dict[str, Product] = {}
        """Found before, by the code as it was given: what one version says stays so."""
        self._remembering = threading.Lock()
        self._heads: list[Product] | None = None
        self._counts: dict[str, int] | None = None

    def count(self) -> int:
        """How many products it has."""
        return int(self._db.execute("SELECT count(*) FROM products").fetchone()[0])

    def find(self, code: str) -> Product | None:
        """The product of a GTIN in any of its lengths."""
        known = self._known.get(code)
        if known is not None:
            return known
        gtin = gtin14(code)
        row = self._db.execute("SELECT body FROM products WHERE gtin=?", (gtin,)).fetchone() if gtin else None
        if row is None:
            return None
        found = _product(row[0])
        with self._remembering:
            if len(self._known) >= MAX_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[code] = found
        return found

    def search(self, words: str, limit: int = 20, language: str = USUAL[0]) -> list[Product]:
        """The products that have all of these words in name or brand, the best first; of a code, its product."""
        return [product for product, how in self.hits(words, limit, language) if how == "words"]

    def hits(self, words: str, limit: int = 20, language: str = USUAL[0]) -> list[tuple[Product, str]]:
        """The same, and behind them those that sound so; each with how it was found, `words` or `sound`."""
        of_code = self.find(spelled.number(words.strip()))
        if of_code is not None:
            return [(of_code, "words")]
        question = Question.of(words)
        if not question.terms or limit < 1:
            return []
        rows = self._candidates(question, limit)
        marks = ",".join("?" * len(rows))
        texts = self._db.execute(f"SELECT row, text FROM products WHERE row IN ({marks})", rows)  # noqa: S608 - marks
        ranked = sorted((_rank(question, row, text) for row, text in texts if _holds(question, text)))
        best = ranked[: limit * 2]
        found = list(zip((hit for hit, *_ in best), self._products(row for *_, row in best), strict=True))
        # Among those that are hit alike, first whose name in the asker's own language begins so.
        found.sort(key=lambda each: (each[0], not _begins(each[1], question, language)))
        return [(product, "sound" if hit >= SOUND else "words") for hit, product in found[:limit]]

    def vocabulary(self, first: str) -> list[str]:
        """The words of names and brands that begin with this letter."""
        if not first.isascii():
            return []
        rows = self._db.execute(
            "SELECT term FROM temp.vocabulary WHERE term>=? AND term<?", (first, chr(ord(first) + 1))
        )
        return [word for (word,) in rows if len(word) > 3]

    def has_word(self, word: str) -> bool:
        """Whether a name or brand has exactly this word."""
        return self._db.execute("SELECT 1 FROM temp.vocabulary WHERE term=?", (word,)).fetchone() is not None

    def on_shelf(self, shelf: str, limit: int = 30) -> list[Product]:
        """What stands at a shelf."""
        rows = self._db.execute("SELECT row FROM shelves WHERE shelf=? ORDER BY row LIMIT ?", (shelf, limit))
        return self._products(row for (row,) in rows)

    def in_category(self, category: str, limit: int = 12) -> list[Product]:
        """What the store has of a category."""
        if not category:
            return []
        rows = self._db.execute("SELECT body FROM products WHERE category=? ORDER BY row LIMIT ?", (category, limit))
        return [_product(body) for (body,) in rows]

    def every(self) -> Iterator[Product]:
        """All products, one after the other."""
        for (body,) in self._db.execute("SELECT body FROM products ORDER BY row"):
            yield _product(body)

    def categories(self) -> list[str]:
        """Every category that has goods, by id."""
        rows = self._db.execute("SELECT DISTINCT category FROM products WHERE category<>'' ORDER BY category")
        return [name for (name,) in rows]

    def category_names(self, language: str) -> dict[str, str]:
        """What categories are called, by id."""
        return {name: in_language(words, language, name) for name, words in self.category_words().items()}

    def category_words(self) -> dict[str, Words]:
        """What categories are called in each language, by id."""
        return {each.category: each.category_name for each in self.category_heads()}

    def category_heads(self) -> list[Product]:
        """One good of each category: what is worth most to a shopper here. Read once."""
        if self._heads is None:
            rows = self._db.execute("SELECT min(row), body FROM products WHERE category<>'' GROUP BY category")
            self._heads = [_product(body) for _, body in rows]
        return self._heads

    def category_counts(self) -> dict[str, int]:
        """How many goods each category has. Read once."""
        if self._counts is None:
            rows = self._db.execute("SELECT category, count(*) FROM products WHERE category<>'' GROUP BY category")
            self._counts = dict(rows.fetchall())
        return self._counts

    def keyed(self, pad: str, typed: Sequence[str], most: int) -> list[Product]:
        """What begins so on this pad, what is worth most to a shopper here first; see `edge.products.pad_keys`."""
        return self._products(self.keys.rows(pad, typed, most)) if self.keys else []

    def brands(self) -> list[str]:
        """Every brand, in each language that the catalogue has it in. Reads every product."""
        found = (_product(body) for (body,) in self._db.execute("SELECT body FROM products"))
        return sorted({name for each in found for name in each.brand.values()})

    def sample(self, limit: int) -> list[Product]:
        """Those that are worth most to a shopper here."""
        return [
            _product(body) for (body,) in self._db.execute("SELECT body FROM products ORDER BY row LIMIT ?", (limit,))
        ]

    def _products(self, rows: Iterable[int]) -> list[Product]:
        found = (self._db.execute("SELECT body FROM products WHERE row=?", (row,)).fetchone() for row in rows)
        return [_product(body) for (body,) in found]

    def _candidates(self, question: Question, limit: int) -> list[int]:
        """Rows that may be meant, from the surest kind of hit to the loosest, until there are enough."""
        found: dict[int, None] = {}
        enough = max(limit, TAKEN)
        for take in (
            self._beginning,
            self._whole_words,
            self._word_starts,
            self._match_within_words,
            self._every_letter,
            self._sounds,
        ):
            found.update(dict.fromkeys(take(question, enough)))
            if len(found) >= enough:
                break
        return list(found)

    def _beginning(self, question: Question, most: int) -> list[int]:
        """Names that begin with the whole question."""
        rows = self._db.execute(
            "SELECT row FROM names WHERE name>=? AND name<? ORDER BY name LIMIT ?",
            (question.whole, question.whole + "\U0010ffff", most),
        )
        return [row for (row,) in rows]

    def _whole_words(self, question: Question, most: int) -> list[int]:
        return self._by_words(question, most, "")

    def _word_starts(self, question: Question, most: int) -> list[int]:
        return self._by_words(question, most, "*")

    def _by_words(self, question: Question, most: int, end: str) -> list[int]:
        """By the index of words, letters and pairs; longer unspaced runs are found by their pairs."""
        wanted = [f'"{each}"{"" if unspaced(each) else end}' for term in question.terms for each in _pieces(term)]
        return self._match("words", wanted, most)

    def _match_within_words(self, question: Question, most: int) -> list[int]:
        """Within words: three letters and more, by trigrams. The shorter words of the question are looked at after."""
        wanted = [f'"{term}"' for term in question.terms if len(term) >= 3]
        return self._match("letters", wanted, most * 4) if wanted else []

    def _every_letter(self, question: Question, most: int) -> list[int]:
        """Chinese with a space or letters between that the question has not: 蒙牛纯牛奶 finds 蒙牛 纯牛奶."""
        if not any(unspaced(term) and len(term) > 2 for term in question.terms):
            return []
        wanted = [f'"{each}"' for term in question.terms for each in (term if unspaced(term) else [term])]
        return self._match("words", wanted, most)

    def _sounds(self, question: Question, most: int) -> list[int]:
        """Latin letters for Han characters, whole or the first of each: niunai, nn."""
        latin = [each for each in question.terms if each.isascii()]
        if not latin or min(map(len, latin)) < 2:
            return []
        others = [f'"{piece}"' for term in question.terms if not term.isascii() for piece in _pieces(term)]
        return self._match("words", [*(f'"{MARK}{each}"*' for each in latin), *others], most)

    def _match(self, table: str, wanted: Sequence[str], most: int) -> list[int]:
        rows = self._db.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid LIMIT ?",  # noqa: S608 - one of two names
            (" AND ".join(wanted), most),
        )
        return [row for (row,) in rows]


def _split(folded: str) -> Iterable[str]:
    return islice(folded.split(), TERMS * 4)


def _pieces(term: str) -> Sequence[str]:
    """What the index of words holds of a term: itself, or its pairs."""
    if not unspaced(term) or len(term) <= 2:
        return (term,)
    return [first + second for first, second in pairwise(term)]


def _holds(question: Question, text: str) -> bool:
    """Whether the text has every term, or an unspaced one at least in all its letters."""
    return all(
        term in text or (unspaced(term) and set(term) <= set(text)) or sounds(term, text) for term in question.terms
    )


def _rank(question: Question, row: int, text: str) -> tuple[int, int, int, int]:
    """Least is best: how it was hit, then whether the store has it, then how much more the name says."""
    names = text.split("\n")
    if question.whole in names:
        hit = 0
    elif any(name.startswith(question.whole) for name in names):
        hit = 1
    else:
        padded = f" {text.replace(chr(10), ' ')} "
        hit = 2 + max(_hit(term, padded) for term in question.terms)
    return hit, row // CLASS, len(names[0]), row


def _begins(product: Product, question: Question, language: str) -> bool:
    return fold(in_language(product.name, language)).startswith(question.whole)


def _hit(term: str, padded: str) -> int:
    """0 a whole word (or unspaced letters together), 1 the start of one, 2 within one, 3 letters only, 4 a sound."""
    if term not in padded:
        return 3 if unspaced(term) else 4
    if unspaced(term) or f" {term} " in padded:
        return 0
    return 1 if f" {term}" in padded else 2


def _product(body: bytes) -> Product:
    """With its name in every language: where there is one name, it stands for all."""
    product = _DECODER.decode(body)
    if len(product.name) < len(USUAL):
        whole = {language: in_language(product.name, language) for language in USUAL}
        return msgspec.structs.replace(product, name={**whole, **product.name})
    return product
