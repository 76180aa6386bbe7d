"""The nouns of one store: the house's own, and those of other packages that the settings name and that can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import structlog

from edge.domain import callers
from edge.domain.needs import SOON, Need
from edge.domain.noun import Noun
from edge.domain.nouns import NOUNS
from edge.journal.entry import tag
from edge.settings.extensions import extension_nouns
from edge.settings.settings import Settings
from edge.web.registry import UnknownPart, pages, routers
from words.sentences import Texts

log = structlog.get_logger(__name__)

_TABLE: Final = re.compile(r"CREATE (?:TABLE|INDEX|UNIQUE INDEX) (\w+)")


class Nouns(NamedTuple):
    """What a store is made of."""

    all: tuple[Noun, ...]
    """Ours first."""
    broken: dict[str, str]
    """Names of the settings' nouns that are left out, and why."""

    def needs(self, now: int) -> list[Need]:
        """A line for staff for each that is left out."""
        return [
            Need(f"extension/{name}", SOON, "", "extension_broken", now, {"name": name, "error": error})
            for name, error in self.broken.items()
        ]


def nouns_of(settings: Settings) -> Nouns:
    """All nouns of this store. Never raises: what cannot be used is left out, logged and named."""
    found = extension_nouns(settings.extensions.nouns)
    broken = dict(found.broken)
    taken = list(NOUNS)
    for noun in found.nouns:
        if mistakes := _mistakes(noun, taken):
            broken[noun.name] = "; ".join(mistakes)
        else:
            taken.append(noun)
    for name, error in broken.items():
        log.error("extension.broken", noun=name, error=error)
    return Nouns(tuple(taken), broken)


def _mistakes(noun: object, others: Sequence[Noun]) -> list[str]:
    if not isinstance(noun, Noun):
        return [f"expected a noun; found a {type(noun).__name__}"]
    return [*_clashes(noun, others), *_undeclared(noun), *_unresolved(noun)]


def _clashes(noun: Noun, others: Sequence[Noun]) -> Iterator[str]:
    """What another noun has already."""
    for what, mine, theirs in (
        ("noun", {noun.name}, {other.name for other in others}),
        ("fact", set(noun.tags), {each for other in others for each in other.tags}),
        ("table", _tables(noun), {each for other in others for each in _tables(other)}),
        ("kind of device", {*noun.kinds, *noun.on_state}, {each for other in others for each in other.on_state}),
    ):
        yield from (f"there is a {what} {name!r} already" for name in sorted(mine & theirs))
    granted = {fact for actuation in noun.actuations for fact in (actuation.granted, *actuation.ends)}
    strangers = {*noun.guarded, *noun.commands, *noun.changes, *granted} - set(noun.facts)
    yield from (f"{tag(fact)} is no fact of its own" for fact in strangers)


def _tables(noun: Noun) -> set[str]:
    return set(_TABLE.findall(noun.schema))


def _undeclared(noun: Noun) -> list[str]:
    """Decisions of its package that do not say who may ask them."""
    packages = {fact.__module__.partition(".")[0] for fact in noun.facts} - {"edge"}
    return callers.undeclared([each for package in sorted(packages) for each in callers.decisions(package)])


def _unresolved(noun: Noun) -> Iterator[str]:
    """Pages, routers and words that it names and that are not there."""
    for resolve in (pages, routers):
        try:
            resolve([noun])
        except UnknownPart as error:
            yield str(error)
        except Exception as error:
            log.exception("extension.broken", noun=noun.name)
            yield f"{type(error).__name__}: {error}"
    try:
        Texts.load(more=[noun.words] if noun.words else ())
    except (OSError, ImportError, ValueError) as error:
        yield f"words of {noun.words}: {type(error).__name__}: {error}"
