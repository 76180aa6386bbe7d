"""Which language a caller reads, and the sentences for what happened (`words/<language>/*.toml`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from words import refusals
from words.languages import FALLBACK, Language
from words.sentences import Texts as Sentences
from words.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import HTTPConnection

REASONS: Final = {"cart": "reasons", "locker": "door_reasons", "printer": "hindrances", "scanner": "scan_reasons"}
"""Where the words for a reason stand, by kind of device."""
COOKIE: Final = "sk_lang"


class Texts(Sentences):
    """Every sentence, and how one is found for what happened."""

    def reason(self, language: str, kind: str, reason: str) -> str:
        """Why something did not happen, in words that fit the kind of device: a printer has no lock."""
        key = f"{REASONS.get(kind, 'reasons')}.{reason}"
        return self.say(language, key) if self.has(key) else reason

    def refusal(self, language: str, code: str, /, **details: Any) -> str:
        """What a person is told who was refused, see `words.refusals`."""
        return refusals.sentence(self, language, code, details)


class LanguageLink(NamedTuple):
    """A way to the same page in another language."""

    language: Language
    label: str
    """Its own name; short where there are several to choose from."""


def chosen(connection: HTTPConnection, languages: Sequence[str]) -> Language:
    """The caller's language: a link (`?lang=`) before the cookie before the browser's Accept-Language."""
    asked = connection.query_params.get("lang") if connection.scope.get("query_string") else None
    for wish in (asked, connection.cookies.get(COOKIE)):
        if wish is not None and wish in languages:
            return Language(wish)
    return accepted(connection.headers.get("accept-language", ""), languages)


def accepted(header: str, languages: Sequence[str]) -> Language:
    """The best of the store's languages for an Accept-Language header.

    The store's first without one; English for languages that it does not speak, where it speaks that.
    """
    wishes = sorted((_wish(part) for part in header.split(",") if part.strip()), key=lambda wish: -wish[1])
    for tag, quality in wishes:
        if quality <= 0:
            continue
        if tag == "*":
            return Language(languages[0])
        for language in languages:
            if tag.split("-")[0] == language.split("-")[0]:
                return Language(language)
    return FALLBACK if wishes and FALLBACK in languages else Language(languages[0])


def _wish(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    try:
        quality = float(parameter.partition("=")[2]) if parameter else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().lower(), quality


def switches(languages: Sequence[Language], language: str) -> list[LanguageLink]:
    """The other languages of the store."""
    others = [each for each in languages if each != language]
    key = "name" if len(others) == 1 else "kiosk.short"
    return [LanguageLink(each, say(each, key)) for each in others]
