"""What is read changes no table: it is there for whoever looks into the journal."""

from __future__ import annotations

from typing import Final

from edge.domain.codes.facts import CodeRead
from edge.journal import Applies, Entry, Rows


def _read(_rows: Rows, _entry: Entry, _fact: CodeRead) -> None:
    pass


APPLIES: Final[Applies] = {
    CodeRead: _read,
}
