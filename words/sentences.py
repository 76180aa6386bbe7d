"""Every sentence that a person reads, by language and dotted key, such as `refusals.cart_out`.

The files of a language are one table: a section stands in one of them alone. A sentence may name values, `{door}`; one
about a number of things may have a form for each plural of its language:

    [kiosk.left]
    one = "One left"
    other = "{count} left"

and `{free:bytes}` says how a number is written, see `words.numbers`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import resources
from typing import Any, Final, Self

import msgspec

from words.languages import FALLBACK, Words, known
from words.numbers import InSentence, Say

STOPS: Final = "\u3002\uff01\uff1f\uff0c\uff1b\uff1a\u3001"
"""The full-width marks, which carry their own space: stop, exclamation, question, commas, colon."""
HELD: Final = "\ufdd0"
"""Stands for a space of a text's own while a page is made: Unicode leaves this character to programs."""
_GAP: Final = re.compile(f"(?<=[{STOPS}]) ")
NOTHING: Final = "–"
"""Stands where a value is missing that a sentence names."""


class Plural(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence about a number of things: one form in Chinese, two in English and German."""

    other: str
    one: str | None = None
    """For exactly one, where that is said differently."""
    by: str = "count"
    """The value that says how many."""

    def form(self, number: object) -> str:
        """The sentence for that many."""
        return self.one if self.one is not None and number == 1 else self.other

    def of(self, number: int) -> str:
        """The sentence for that many, filled in."""
        return self.form(number).format_map({self.by: number})


class _Values(dict[str, Any]):
    """The values of one sentence; a missing one shows as a dash, because a sentence must never fail."""

    def __missing__(self, key: str) -> InSentence:
        return InSentence(NOTHING, str)


class Texts:
    """Sentences of one or several languages, all of which have the same keys."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str | Plural]]) -> None:
        self._sentences = sentences
        self.languages = tuple(sentences)

    @classmethod
    def load(cls, languages: Iterable[str] | None = None, more: Iterable[str] = ()) -> Self:
        """Everything there is to say, in these languages or in every one.

        `more` are `package:folder` of other packages: a file for each language, English for those that have none.
        Raises `ValueError` where one says what is said already.
        """
        found = {language: dict(sentences(language)) for language in languages or known()}
        for reference in more:
            for language, said in found.items():
                _add(said, dict(_leaves(of_package(reference, language), "")), reference)
        return cls(found)

    def keys(self, language: str) -> frozenset[str]:
        """Every key of that language."""
        return frozenset(self._sentences[language])

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._sentences[self.languages[0]]

    def section(self, language: str, name: str) -> dict[str, str]:
        """One section without its prefix, for scripts; plurals are left out."""
        return _section(self._sentences[language], name)

    def say(self, language: str, key: str, /, **values: Any) -> str:
        """The sentence, with `{name}` filled in. Raises `KeyError` for a key that no file has."""
        return _filled(self._sentences[language][key], values, partial(self.say, language))


@cache
def sentences(language: str) -> Mapping[str, str | Plural]:
    """Everything there is to say in one language, read once."""
    return dict(_leaves(_read(language), ""))


def say(language: str, key: str, /, **values: Any) -> str:
    """One sentence, with `{name}` filled in. Raises `KeyError` for a key that no file has."""
    return _filled(sentences(language)[key], values, partial(say, language))


def held(text: str) -> str:
    """A text that a page shows as it is: `set_close` leaves its spaces, which somebody typed."""
    return _GAP.sub(HELD, text)


def set_close(language: str, page: str) -> str:
    """A whole page without the spaces that templates write behind the stops of a language that has none there."""
    if not say(language, "gap"):
        page = _GAP.sub("", page)
    return page.replace(HELD, " ")


def has(key: str) -> bool:
    """Whether there is such a sentence; every language has the same."""
    return key in sentences(FALLBACK)


def say_in(languages: Iterable[str], key: str, /, **values: Any) -> Words:
    """One sentence in each of these languages."""
    return {language: say(language, key, **values) for language in languages}


def section(language: str, name: str) -> dict[str, str]:
    """The sentences of one section as they stand there, without its prefix; plurals are left out."""
    return _section(sentences(language), name)


def forms(language: str, name: str) -> dict[str, str | Plural]:
    """The sentences of one section as they stand there, without its prefix, each plural with its forms."""
    start = f"{name}."
    return {key[len(start) :]: text for key, text in sentences(language).items() if key.startswith(start)}


def _section(found: Mapping[str, str | Plural], name: str) -> dict[str, str]:
    start = f"{name}."
    return {key[len(start) :]: text for key, text in found.items() if key.startswith(start) and isinstance(text, str)}


def _filled(text: str | Plural, values: dict[str, Any], numbers: Say) -> str:
    if isinstance(text, Plural):
        text = text.form(values.get(text.by))
    if ":" in text or any(type(value) is float for value in values.values()):
        values = {name: InSentence(value, numbers) for name, value in values.items()}
    return text.format_map(_Values(values)) if values or "{" in text else text


def area(language: str, name: str) -> dict[str, Any]:
    """One file of one language, as it stands there."""
    return tomllib.loads((resources.files("words") / language / f"{name}.toml").read_text("utf-8"))


def _read(language: str) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for entry in sorted((resources.files("words") / language).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            whole |= tomllib.loads(entry.read_text("utf-8"))
    return whole


def of_package(reference: str, language: str) -> dict[str, Any]:
    """The words of another package, `package:folder`, in that language, or in English. Raises `OSError`,
    `ImportError`, `ValueError`.
    """
    package, _, folder = reference.partition(":")
    files = resources.files(package) / folder
    own = files / f"{language}.toml"
    return tomllib.loads((own if own.is_file() else files / f"{FALLBACK}.toml").read_text("utf-8"))


def _add(said: dict[str, str | Plural], more: Mapping[str, str | Plural], reference: str) -> None:
    if twice := sorted(said.keys() & more.keys()):
        raise ValueError(f"{reference} says {', '.join(twice)} again")
    said.update(more)


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str | Plural]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value
        elif "other" in value and value.keys() <= {"one", "other", "by"}:
            yield prefix + name, msgspec.convert(value, Plural)
        else:
            yield from _leaves(value, f"{prefix}{name}.")
