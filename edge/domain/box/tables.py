"""How each fact changes the table of last words."""

from __future__ import annotations

from typing import Final

from edge.domain.box.facts import FACTS, BoxNoted
from edge.domain.box.rules import NOTED, words_of
from edge.journal import Applies, Entry, Fact, Rows

SCHEMA: Final = """
CREATE TABLE box_words (
        subject TEXT, about TEXT, happened TEXT, said TEXT, place INTEGER, at_ms INTEGER,
        PRIMARY KEY (subject, about, happened)) STRICT;
"""


def _said(rows: Rows, entry: Entry, fact: Fact) -> None:
    subject, happened = words_of(type(fact))
    _keep(rows, entry, subject, getattr(fact, "about", ""), happened)


def _noted(rows: Rows, entry: Entry, fact: BoxNoted) -> None:
    _keep(rows, entry, fact.subject, fact.about, NOTED)


def _keep(rows: Rows, entry: Entry, subject: str, about: str, happened: str) -> None:
    rows.run(
        "INSERT OR REPLACE INTO box_words VALUES (?,?,?,?,?,?)",
        (subject, about, happened, entry.body.decode(), entry.sequence, entry.wall_ms),
    )


APPLIES: Final[Applies] = {**dict.fromkeys(FACTS, _said), BoxNoted: _noted}
