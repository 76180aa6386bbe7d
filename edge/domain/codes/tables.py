"""How each fact changes the table of reads."""

from __future__ import annotations

from typing import Final

from edge.domain.codes.facts import CodeRead
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE code_reads (
    device TEXT PRIMARY KEY, kind TEXT, member TEXT, greeted_ms INTEGER, refused TEXT, read_ms INTEGER)
    STRICT, WITHOUT ROWID;
"""


def _read(rows: Rows, entry: Entry, fact: CodeRead) -> None:
    rows.run(
        "INSERT INTO code_reads VALUES (?1,?2,?3,iif(?3='', 0, ?4),?5,?4) ON CONFLICT (device) DO UPDATE SET"
        " kind=excluded.kind, refused=excluded.refused, read_ms=excluded.read_ms,"
        " member=iif(excluded.member='', member, excluded.member),"
        " greeted_ms=iif(excluded.member='', greeted_ms, excluded.greeted_ms)",
        (fact.device, fact.kind, fact.member, entry.wall_ms, fact.refused),
    )


APPLIES: Final[Applies] = {
    CodeRead: _read,
}
