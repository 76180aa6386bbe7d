"""The languages there are words for: a language is a folder of this package, named by its BCP 47 tag."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, NewType

Language = NewType("Language", str)
"""A BCP 47 tag of one of the `known` languages."""

Words = dict[str, str]
"""One text in several languages, by tag; not necessarily in each of them."""

FALLBACK: Final = Language("en")
"""What most people read who do not read the language that is missing."""
USUAL: Final = (Language("zh-CN"), FALLBACK)
"""What a store speaks that does not choose; the first is spoken where nothing else is known."""


@cache
def known() -> tuple[Language, ...]:
    """Every language there is a folder for, the usual ones first, then by tag."""
    found = {
        Language(entry.name) for entry in resources.files("words").iterdir() if (entry / "language.toml").is_file()
    }
    return (*USUAL, *sorted(found - set(USUAL)))


def in_language(text: Mapping[str, str], language: str, default: str = USUAL[0], otherwise: str = "") -> str:
    """The text in that language; where it is missing in English, then in `default`, then in whatever there is."""
    found = (text.get(tag) for tag in (language, FALLBACK, default))
    return next((each for each in found if each), None) or next(iter(text.values()), otherwise)


def in_words(text: Mapping[Any, str]) -> Words:
    """Returns a text of the settings as facts hold it."""
    return {str(language): words for language, words in text.items()}
