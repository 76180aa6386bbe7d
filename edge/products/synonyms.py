"""Words for the same thing: a shopper has one, the catalogue another."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Final

from edge.products.folding import fold, unspaced

LONGEST: Final = 5
"""Characters, or words apart, of the longest word that stands in a text."""


@lru_cache(maxsize=1)
def groups() -> list[tuple[str, ...]]:
    """Words for the same thing, comparable."""
    text = resources.files("edge.products").joinpath("synonyms.txt").read_text("utf-8")
    written = [line.split(" = ") for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(dict.fromkeys(map(fold, group))) for group in written]


def other_words(folded: str) -> list[str]:
    """What else the things may be called that a folded text names, in the same script."""
    known = _group_of()
    found = dict.fromkeys(
        other for word in _stretches(folded) for other in known.get(word, ()) if unspaced(other) == unspaced(word)
    )
    return [each for each in found if each not in folded]


@lru_cache(maxsize=1)
def _group_of() -> dict[str, tuple[str, ...]]:
    return {word: group for group in groups() for word in group}


def _stretches(folded: str) -> list[str]:
    """Every stretch of a text that may be a word of a group: letters of unspaced scripts, words of the others."""
    runs = folded.split()
    found = [" ".join(runs[at : at + count]) for at in range(len(runs)) for count in range(1, LONGEST + 1)]
    for run in filter(unspaced, runs):
        found += [run[at : at + count] for at in range(len(run)) for count in range(1, LONGEST + 1)]
    return found
