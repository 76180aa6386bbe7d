"""What is asked of the box: the last words on a subject."""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

import msgspec

from edge.domain.box.facts import FACTS
from edge.domain.box.rules import words_of
from edge.journal import Fact, Reads

F = TypeVar("F", bound=Fact)


class Said(msgspec.Struct, Generic[F], frozen=True):
    """A last word."""

    fact: F
    at_ms: int
    """Wall time."""
    place: int
    """Its sequence in the journal: what was said later has a greater one."""


_WORDS: Final = "SELECT said, at_ms, place FROM box_words "


def last(reads: Reads, fact: type[F], about: str = "") -> Said[F] | None:
    """Returns the last fact of this kind; none where it never happened."""
    row = reads.one(_WORDS + "WHERE subject=? AND happened=? AND about=?", *words_of(fact), about)
    return Said(msgspec.json.decode(row["said"], type=fact), row["at_ms"], row["place"]) if row else None


def every(reads: Reads, fact: type[F]) -> list[Said[F]]:
    """Returns the last fact of this kind for each thing that it was about, the latest first."""
    rows = reads.all(_WORDS + "WHERE subject=? AND happened=? ORDER BY place DESC", *words_of(fact))
    return [Said(msgspec.json.decode(row["said"], type=fact), row["at_ms"], row["place"]) for row in rows]


def newest(reads: Reads, subject: str, about: str = "") -> Said[Any] | None:
    """Returns what happened last to a subject; none where nothing did."""
    kinds = {words_of(fact): fact for fact in FACTS}
    rows = reads.all(
        "SELECT happened, said, at_ms, place FROM box_words WHERE subject=? AND about=? ORDER BY place DESC",
        subject,
        about,
    )
    for row in rows:
        fact = kinds.get((subject, row["happened"]))
        if fact is not None:
            return Said(msgspec.json.decode(row["said"], type=fact), row["at_ms"], row["place"])
    return None


def noted(reads: Reads, subject: str, about: str = "") -> int:
    """Returns the place at which somebody last saw the subject's trouble; 0 where nobody did."""
    row = reads.one(
        "SELECT place FROM box_words WHERE subject=? AND about=? AND happened='noted'",
        subject,
        about,
    )
    return int(row["place"]) if row else 0
