"""The languages there are words for: a language is a folder of this package, named by its BCP 47 tag."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Final, NewType

Language = NewType("Language", str)
"""A BCP 47 tag of one of the `known` languages."""

Words = dict[str, str]
"""One text in several languages, by tag; not necessarily in each of them."""

FALLBACK: Final = Language("en")
"""What stands in where a text or a reader's language is missing: most people read it who do not read the other."""
USUAL: Final = (Language("zh-CN"), FALLBACK)
"""What a store speaks that does not choose; the first is spoken where nothing else is known."""


class Wording(dict[str, str]):
    """One text in several languages, which has something for every language: see `in_language`."""

    def __missing__(self, language: str) -> str:
        return in_language(self, language)


@cache
def known() -> tuple[Language, ...]:
    """Every language there is a folder for, the usual ones first, then by tag."""
    folders = resources.files("words").iterdir()
    found = {Language(folder.name) for folder in folders if (folder / "language.toml").is_file()}
    return (*USUAL, *sorted(found - set(USUAL)))


def language(tag: str) -> Language:
    """The language of that tag. Raises `ValueError` with what was expected and perhaps meant."""
    if tag in known():
        return Language(tag)
    near = difflib.get_close_matches(tag, known(), n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise ValueError(f'expected one of {", ".join(known())}; found "{tag}"{hint}')


def in_each(text: Mapping[str, str], languages: Iterable[str]) -> Words:
    """The text in each of these languages; nothing where it has none."""
    return {language: in_language(text, language) for language in languages} if text else {}


def in_language(text: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """The text in that language, else in English, else in the first that it has; `otherwise` where it has none."""
    return text.get(language) or text.get(FALLBACK) or next(filter(None, text.values()), otherwise)


def in_words(text: Mapping[str, str]) -> Words:
    """Returns a text of the settings as facts hold it."""
    return dict(text)
