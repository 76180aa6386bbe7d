"""What is wrong with a file of products: a line, a field, what stands there, and what was expected."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

LONGEST: Final = 120
"""Letters of a value that a report repeats."""


class Mistake(msgspec.Struct, frozen=True):
    """One thing wrong with one line."""

    line: int
    """As an editor counts them, from 1."""
    field: str
    """Empty where the line as a whole is meant."""
    value: str
    expected: str
    left_out: bool = False
    """Whether only the field was left out, and the product kept without it."""
    hint: str = ""
    """Where exactly, and what to do."""

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.field}" if self.field else "")
        return f"{where}: {self.value!r}: expected {self.said}"

    @property
    def said(self) -> str:
        """What was expected, what to do, and whether nothing but the field is lost."""
        return self.expected + self.hint + (" (left out, the product is kept)" if self.left_out else "")


class BadValue(ValueError):
    """A field does not hold what it should."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


class BadFile(ValueError):
    """The file as a whole cannot be taken: a sentence that says why, and what to do."""

    def __init__(self, sentence: str, first: Sequence[Mistake] = (), count: int = 0) -> None:
        super().__init__(sentence)
        self.first = tuple(first)
        """The first mistakes, where it is its lines that cannot be taken."""
        self.count = count
        """All of them."""


def short(value: object) -> str:
    """A value as a report shows it."""
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or nothing."""
    return next(iter(difflib.get_close_matches(word.lower(), list(known), 1, 0.75)), "")


class MistakeReport:
    """Every mistake, written down as it is found; only the first few are kept in memory."""

    def __init__(self, path: Path | None, keep: int = 20) -> None:
        self.first: list[Mistake] = []
        self.lines = 0
        """Lines that were not taken."""
        self.fields = 0
        """Fields that were left out of products that were kept."""
        self.count = 0
        self._keep = keep
        self._last = 0
        self._file = path.open("w", encoding="utf-8-sig", newline="") if path else None
        self._rows = csv.writer(self._file) if self._file else None
        if self._rows:
            self._rows.writerow(["line", "field", "value", "expected"])

    def add(self, mistakes: Iterable[Mistake]) -> None:
        """Note the mistakes of one line."""
        for mistake in mistakes:
            self.count += 1
            if mistake.left_out:
                self.fields += 1
            elif mistake.line != self._last:
                self._last, self.lines = mistake.line, self.lines + 1
            if len(self.first) < self._keep:
                self.first.append(mistake)
            if self._rows:
                said = (mistake.field, mistake.value, mistake.said)
                self._rows.writerow([mistake.line, *map(_harmless, said)])

    def close(self) -> None:
        """Nothing more is written."""
        if self._file:
            self._file.close()


def _harmless(value: str) -> str:
    """A spreadsheet must not take what somebody wrote into a name for a formula."""
    return f"'{value}" if value.lstrip()[:1] in ("=", "+", "-", "@") else value
