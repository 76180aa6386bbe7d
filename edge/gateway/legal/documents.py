"""The texts that shoppers agree to, each version a file: `words/legal/<text>-<version>.toml`, with its languages.

A version is the date from which it holds, so versions sort. A new version is a new file; none is ever changed, because
what somebody agreed to must stay readable. A language that came later is a translation beside it,
`words/<language>/legal/<text>-<version>.toml`, which names the SHA-256 of the file that it translates. A store may
bring its own texts: a folder of files with all their languages, whose versions join those that come with Storekeeper.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, cast

import msgspec

from edge.domain.members.consent_texts import PURPOSES, PublishedText, Purpose, Text
from edge.errors import StorekeeperError
from edge.settings.texts import needed
from words.languages import FALLBACK, USUAL, Language, language

TEXTS: Final[tuple[Text, ...]] = tuple(PURPOSES)
_NAME: Final = re.compile(r"(terms|privacy|marketing)-(\d{4}-\d{2}(?:-\d{2})?)\.toml")


class BadText(StorekeeperError):
    """A text that cannot be shown: which file, what was expected."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A heading and its paragraphs."""

    heading: str
    text: tuple[str, ...]


class LegalWording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document in one language."""

    title: str
    parts: tuple[Section, ...]


class _Translation(LegalWording, frozen=True, forbid_unknown_fields=True, kw_only=True):
    translates: str


class LegalText(msgspec.Struct, frozen=True):
    """One version of one text."""

    text: Text
    version: str
    """The day from which it holds."""
    purpose: Purpose
    wordings: dict[str, LegalWording]
    digest: str
    """SHA-256 of the file, and of the translations that the store shows: what somebody agreed to can be proven."""

    def wording(self, language: str) -> LegalWording:
        """In that language, else in English, else in the first that it has."""
        return self.wordings.get(language) or self.wordings.get(FALLBACK) or next(iter(self.wordings.values()))


class Documents:
    """Every version of every text."""

    def __init__(self, documents: Iterable[LegalText]) -> None:
        self._all = sorted(documents, key=lambda document: document.version, reverse=True)
        for text in TEXTS:
            if not self.versions(text):
                raise BadText(f"the texts lack {text}-<date>.toml")

    @classmethod
    def load(cls, own: Path | None = None, languages: Sequence[Language] = USUAL) -> Documents:
        """The texts that come with Storekeeper, and those of the store's `own` folder. Raises `BadText`."""
        shipped = (_translated(each, languages) for each in _read(resources.files("words") / "legal", languages))
        found = {document.text + document.version: document for document in shipped}
        if own is not None:
            if not own.is_dir():
                raise BadText(f"{own}: expected a folder of texts such as privacy-2027-01-01.toml")
            found |= {document.text + document.version: document for document in _read(own, languages)}
        return cls(found.values())

    def versions(self, text: str) -> Sequence[LegalText]:
        """Every version of a text, the newest first."""
        return [document for document in self._all if document.text == text]

    def current(self, text: str) -> LegalText:
        """The version that shoppers are shown."""
        return self.versions(text)[0]

    def find(self, text: str, version: str) -> LegalText | None:
        """That version of a text."""
        return next((document for document in self.versions(text) if document.version == version), None)

    def published(self) -> list[PublishedText]:
        """The versions in force, for the journal."""
        return [
            PublishedText(text=text, purpose=found.purpose, version=found.version, digest=found.digest)
            for text in TEXTS
            for found in (self.current(text),)
        ]

    def version_of(self, purpose: Purpose) -> str:
        """The version that a consent for that purpose is given to: the newest of its texts."""
        return max(each.version for each in self.published() if each.purpose == purpose)


def _read(folder: Traversable, languages: Sequence[Language]) -> list[LegalText]:
    names = [(file, _NAME.fullmatch(file.name)) for file in folder.iterdir()]
    return [_document(file, cast("Text", name[1]), name[2], languages) for file, name in names if name is not None]


def _document(file: Traversable, text: Text, version: str, languages: Sequence[Language]) -> LegalText:
    raw = file.read_bytes()
    try:
        table = tomllib.loads(raw.decode("utf-8"))
        purpose = msgspec.convert(table.pop("purpose", None), Purpose)
        wordings: dict[str, LegalWording] = {
            language(tag): msgspec.convert(wording, LegalWording) for tag, wording in table.items()
        }
    except (ValueError, RecursionError) as error:
        raise BadText(f"{file}: {error}") from None
    if purpose != PURPOSES[text]:
        raise BadText(f"{file}: purpose: expected {PURPOSES[text]}, found {purpose}")
    if missing := [each for each in needed(tuple(languages)) if each not in wordings]:
        raise BadText(f"{file}: text missing in {' and '.join(missing)}")
    return LegalText(text, version, purpose, wordings, hashlib.sha256(raw).hexdigest())


def _translated(document: LegalText, languages: Sequence[Language]) -> LegalText:
    """With the translations into what the store speaks. A text without them keeps the digest of its file."""
    wordings, digest = {**document.wordings}, hashlib.sha256(document.digest.encode())
    for tag in languages:
        if tag in document.wordings:
            continue
        file = resources.files("words") / tag / "legal" / f"{document.text}-{document.version}.toml"
        raw = file.read_bytes()
        found = msgspec.toml.decode(raw, type=_Translation)
        if found.translates != document.digest:
            raise BadText(f"{file}: translates {found.translates[:12]}…, and the text is {document.digest[:12]}…")
        wordings[tag] = LegalWording(found.title, found.parts)
        digest.update(raw)
    if len(wordings) == len(document.wordings):
        return document
    return msgspec.structs.replace(document, wordings=wordings, digest=digest.hexdigest())
