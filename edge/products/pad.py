"""Search on a pad of letters or digits: which keys lead somewhere, and what they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec

from edge.products.folding import fold
from edge.products.pad_keys import DIGITS, LETTERS, NUMBERS, first_keys, pad_of, reach
from edge.products.synonyms import other_words
from words.languages import in_language

if TYPE_CHECKING:
    from edge.products.product import Product
    from edge.products.version import Version

LONGEST: Final = 20
SLIPS_FROM: Final = 3
"""Letters, from which on one of them may be a mistake."""

How = Literal["letters", "brand", "other", "slip"]
"""The surest first."""

HOWS: Final = get_args(How)


class PadHit(msgspec.Struct, frozen=True):
    """A product, and why."""

    product: Product
    how: How
    """`letters` of its name; its `brand`; `other`: another word for it; `slip`: one letter away."""
    marked: tuple[int, int] | None = None
    """From where to where of its name in the asker's language the letters stand for."""
    meant: str = ""
    """The brand, or the other word."""


class Pad(msgspec.Struct, frozen=True):
    """What a pad shows after some keys."""

    typed: str
    lit: str
    """The keys that lead on."""
    hits: tuple[PadHit, ...]


def press(version: Version | None, typed: str, language: str, digits: bool = False, most: int = 40) -> Pad:
    """What these keys lead to, the surest first. What is on no pad is left out."""
    keys = DIGITS if digits else LETTERS
    typed = "".join(each for each in fold(typed) if each in keys)[:LONGEST]
    if version is None:
        return Pad(typed, "", ())
    pad = NUMBERS if digits else pad_of(language)
    lit = version.keys.lit(pad, typed, keys) if version.keys else keys
    if not typed:
        return Pad(typed, lit, ())
    found = (
        version.keyed(pad, [typed], most) if version.keys else [each for each, _ in version.hits(typed, most, language)]
    )
    hits = [_hit(each, typed, language, digits) for each in found]
    if version.keys and not hits and len(typed) >= SLIPS_FROM and not digits:
        hits = [PadHit(each, "slip") for each in version.keyed(pad, version.keys.near(pad, typed, keys), most)]
    hits.sort(key=lambda hit: HOWS.index(hit.how))
    return Pad(typed, lit, tuple(hits[:most]))


def _hit(product: Product, typed: str, language: str, digits: bool) -> PadHit:
    name = product.title(language)
    if digits:
        return PadHit(product, "letters")
    marked = reach(name, typed)
    if marked is not None:
        return PadHit(product, "letters", marked)
    brand = in_language(product.brand, language)
    if any(reach(each, typed) for each in product.brand.values()):
        return PadHit(product, "brand", None, brand)
    others = (word for word in other_words(fold(name)) if any(key.startswith(typed) for key in first_keys(word)))
    meant = next(others, "")
    return PadHit(product, "other" if meant else "letters", None, meant)
