"""The two languages: which one a caller reads, and every sentence in it (`texts/*.toml`)."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from edge.settings.settings import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import HTTPConnection

LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en")
REASONS: Final = {"cart": "reasons", "locker": "door_reasons", "printer": "hindrances", "scanner": "scan_reasons"}
"""Where the words for a reason stand, by kind of device."""
COOKIE: Final = "sk_lang"
NOTHING: Final = "–"
"""Stands where a fact lacks a value that its sentence names."""


class _Values(dict[str, Any]):
    """The values of one sentence; a missing one shows as a dash, because a sentence must never fail."""

    def __missing__(self, key: str) -> str:
        return NOTHING


class Texts:
    """Every sentence by language and dotted key, such as `refusals.cart_out`."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._sentences = sentences

    @classmethod
    def load(cls) -> Texts:
        """The texts that ship with this package."""
        folder = resources.files("edge.web") / "texts"
        return cls({language: _read((folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES})

    def keys(self, language: str) -> frozenset[str]:
        return frozenset(self._sentences[language])

    def has(self, key: str) -> bool:
        return key in self._sentences[LANGUAGES[0]]

    def section(self, language: str, name: str) -> dict[str, str]:
        """One section without its prefix, for scripts."""
        start = f"{name}."
        return {key[len(start) :]: text for key, text in self._sentences[language].items() if key.startswith(start)}

    def say(self, language: str, key: str, /, **values: Any) -> str:
        """The sentence, with `{name}` filled in. Raises `KeyError` for a key that no file has."""
        text = self._sentences[language][key]
        return text.format_map(_Values(values)) if values or "{" in text else text

    def reason(self, language: str, kind: str, reason: str) -> str:
        """Why something did not happen, in words that fit the kind of device: a printer has no lock."""
        key = f"{REASONS.get(kind, 'reasons')}.{reason}"
        return self.say(language, key) if self.has(key) else reason

    def refusal(self, language: str, code: str, /, **details: Any) -> str:
        """What a person is told who was refused: the sentence for the reason, where one was given and has its own."""
        key = f"{code}.{details.get('reason', '')}"
        return self.say(language, key if self.has(key) else f"refusals.{code}", **details)


def _read(document: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tomllib.loads(document).items():
        if isinstance(value, str):
            flat[key] = value
        else:
            flat.update({f"{key}.{name}": text for name, text in value.items()})
    return flat


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
            return "zh-CN"
        if tag.split("-")[0] == "en":
            return "en"
    return "en" if wishes else LANGUAGES[0]


def _wish(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    try:
        quality = float(parameter.partition("=")[2]) if parameter else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().lower(), quality


def other(language: str) -> Language:
    """The one that the switch offers."""
    return "en" if language == "zh-CN" else "zh-CN"
