"""What the kiosk says by itself, by language and dotted key. A new language also needs its letters in the fonts."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from words import languages, sentences

DEFAULT: Final = languages.USUAL[0]


def known() -> tuple[str, ...]:
    """The tags of the languages there are texts for."""
    return languages.known()


def say(language: str, key: str, /, **values: Any) -> str:
    """The sentence, with `{name}` filled in. Raises `KeyError` for a key that no file has."""
    return sentences_of(language).say(language, key, **values)


@cache
def sentences_of(language: str, package: str = "") -> sentences.Texts:
    """Everything there is to say in a language, with the words of another package: `package:folder`."""
    return sentences.Texts.load((language,), [package] if package else ())
