"""A table is read the same, whoever wrote it."""

from __future__ import annotations

import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.products.importing import import_file
from edge.products.mistakes import BadFile
from edge.products.version import Version
from tests.edge.products.conftest import STORE
from tests.edge.products.tables import contents, dialects, written
from tests.rounds import rounds


def taken(content: bytes) -> tuple[Any, list[tuple[str, str, int | None]]]:
    """How an import went, and what it took."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.csv"
        file.write_bytes(content)
        outcome = import_file(file, Path(folder) / "catalogue", STORE)
        assert outcome.built
        version = Version(outcome.built.path)
        return outcome, [(each.gtin, each.name["zh-CN"], each.price) for each in version.sample(1000)]


ROUNDS = rounds(0)
PIECES = (
    b'"', b"\r", b"\n", b",", b";", b"\0", b"\xff", b"\xef\xbb\xbf", b"\x80", b"sep=;\n", b"1e999998", b"=", b"'",
    b"\xff\xfe",
    b"\xd8\x00", b"{", b"[", b"\x81\x30", b"\xe2\x80\x8b", b"PK\x03\x04",
)  # fmt: skip
"""What breaks into files."""


@settings(max_examples=100 + 100 * ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.lists(st.tuples(st.integers(0, 4000), st.sampled_from(PIECES), st.integers(0, 30)), max_size=8))
def test_whatever_happened_to_a_table_it_is_read_or_refused(
    data: st.DataObject, blows: list[tuple[int, bytes, int]]
) -> None:
    dialect = data.draw(dialects())
    content = written(data.draw(contents(dialect.encoding)), dialect)
    for place, piece, lost in blows:
        at = place % (len(content) + 1)
        content = content[:at] + piece + content[at + lost :]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.csv", "x.jsonl"):
            file = Path(folder) / name
            file.write_bytes(content)
            with suppress(BadFile):
                outcome = import_file(file, Path(folder) / "catalogue", STORE, keep=False)
                assert outcome.good + outcome.bad_lines > 0


@settings(max_examples=200 + 100 * ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_table_in_any_dialect_is_the_same_products(data: st.DataObject) -> None:
    dialect = data.draw(dialects())
    rows = data.draw(contents(dialect.encoding))
    outcome, found = taken(written(rows, dialect))
    assert (outcome.bad_lines, outcome.mistakes) == (0, 0), outcome.first
    assert sorted(found) == sorted(
        (code.zfill(14), unicodedata.normalize("NFC", name), price) for code, name, price in rows
    )
