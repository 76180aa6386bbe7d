"""Texts of the settings: which languages a store speaks, and in which of them a text must be given."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from edge.settings.model import NAME, PARAGRAPHS, Lines, plain_text
from words import languages
from words.countries import decimals
from words.languages import FALLBACK, USUAL, Language, Wording

SPOKEN: Final = "languages"
"""Under this key of the validation's context stand the languages that the store speaks."""
DECIMALS: Final = "decimals"
"""Under this one, how many decimals its currency has."""


def spoken(store_file: dict[str, Any]) -> dict[str, Any]:
    """The context of every file of a store, from its `store.toml` as written; what is wrong there is told elsewhere."""
    store = store_file.get("store")
    wanted = store.get(SPOKEN) if isinstance(store, dict) else None
    found = [tag for tag in wanted if tag in languages.known()] if isinstance(wanted, list) else []
    currency = store.get("currency") if isinstance(store, dict) else None
    return {SPOKEN: tuple(found) or USUAL, DECIMALS: decimals(str(currency or "CNY"))}


def needed(wanted: tuple[Language, ...]) -> tuple[Language, ...]:
    """The languages that a text must be given in: the store's first, and English where the store speaks it, because
    that stands in for every other one.
    """
    return (wanted[0], FALLBACK) if FALLBACK in wanted[1:] else wanted[:1]


def _complete(text: dict[str, str], info: ValidationInfo) -> Wording:
    """Outside a file there is no context: the text stands in one, where it was checked."""
    wanted = needed(info.context[SPOKEN]) if info.context else ()
    missing = [language for language in wanted if not text.get(language, "").strip()]
    if missing:
        raise ValueError(f"text missing in {' and '.join(missing)}")
    return Wording(text)


def _each_once(wanted: tuple[Language, ...]) -> tuple[Language, ...]:
    twice = [language for place, language in enumerate(wanted) if language in wanted[:place]]
    if twice:
        raise ValueError(f'expected each language once; found "{twice[0]}" twice')
    return wanted


Tag = Annotated[Language, AfterValidator(languages.language)]
Languages = Annotated[tuple[Tag, ...], Field(min_length=1), AfterValidator(_each_once)]


class _InLanguages:
    """Reads a `Wording` as a table by language."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = Annotated[str, AfterValidator(partial(plain_text, lines=self._lines))]
        table: Any = dict[Tag, text]
        return core_schema.with_info_after_validator_function(_complete, handler.generate_schema(table))


Text = Annotated[Wording, _InLanguages(NAME)]
"""A name or a line."""
Paragraphs = Annotated[Wording, _InLanguages(PARAGRAPHS)]
"""Small print, and whatever else may have several lines."""
