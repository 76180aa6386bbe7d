"""A table is read the same, whoever wrote it."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.products.importing import import_file
from edge.products.version import Version
from tests.edge.products.conftest import STORE
from tests.edge.products.tables import contents, dialects, written


def taken(content: bytes) -> tuple[Any, list[tuple[str, str, int | None]]]:
    """How an import went, and what it took."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.csv"
        file.write_bytes(content)
        outcome = import_file(file, Path(folder) / "catalogue", STORE)
        assert outcome.built
        version = Version(outcome.built.path)
        return outcome, [(each.gtin, each.name["zh-CN"], each.price) for each in version.sample(1000)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_table_in_any_dialect_is_the_same_products(data: st.DataObject) -> None:
    dialect = data.draw(dialects())
    rows = data.draw(contents(dialect.encoding))
    outcome, found = taken(written(rows, dialect))
    assert (outcome.bad_lines, outcome.mistakes) == (0, 0), outcome.first
    assert sorted(found) == sorted(
        (code.zfill(14), unicodedata.normalize("NFC", name), price) for code, name, price in rows
    )
