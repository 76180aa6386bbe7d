"""Which language a caller reads, and the sentences for what happened (`words/<language>/*.toml`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from words.languages import FALLBACK, USUAL, Language
from words.sentences import Texts as Sentences

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

LANGUAGES: Final = USUAL
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
        """What a person is told who was refused: the sentence for the reason, where one was given and has its own."""
        key = f"{code}.{details.get('reason', '')}"
        return self.say(language, key if self.has(key) else f"refusals.{code}", **details)


def chosen(connection: HTTPConnection) -> Language:
    """The caller's language: a link (`?lang=`) before the cookie before the browser's Accept-Language."""
    for wish in (connection.query_params.get("lang"), connection.cookies.get(COOKIE)):
        for language in LANGUAGES:
            if wish == language:
                return language
    return accepted(connection.headers.get("accept-language", ""))


def accepted(header: str) -> Language:
    """The best of our languages for an Accept-Language header; zh-CN without one, en for languages we do not have."""
    wishes = sorted((_wish(part) for part in header.split(",") if part.strip()), key=lambda wish: -wish[1])
    for tag, quality in wishes:
        if quality <= 0:
            continue
        if tag == "*" or tag.split("-")[0] == "zh":
            return USUAL[0]
        if tag.split("-")[0] == "en":
            return FALLBACK
    return FALLBACK if wishes else LANGUAGES[0]


def _wish(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    try:
        quality = float(parameter.partition("=")[2]) if parameter else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().lower(), quality


def other(language: str) -> Language:
    """The one that the switch offers."""
    return FALLBACK if language == USUAL[0] else USUAL[0]
