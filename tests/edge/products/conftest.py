"""Files of products, and versions made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edge.products.importing import ImportResult, import_file
from edge.products.values import StoreContext

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STORE = StoreContext(shelves=frozenset(("shelf-dairy", "shelf-fruit")), arts=frozenset(("milk", "bread")))
"""A store with two shelves."""

MILK, LOAF, TEA, CHIPS = "9521101530001", "9521101530018", "9521101530025", "9521101530032"


def line(gtin: str = MILK, **fields: Any) -> dict[str, Any]:
    """A good line of a JSONL file."""
    return {"gtin": gtin, "name_zh": "鲜牛奶", "name_en": "Fresh milk", "price": "12.90"} | fields


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., ImportResult]:
    """`take(lines)`: import lines of JSONL; `take(text, name="x.csv")`: a file's whole content."""

    def of(content: list[dict[str, Any]] | str | bytes, name: str = "products.jsonl", **options: Any) -> ImportResult:
        if isinstance(content, list):
            content = "\n".join(json.dumps(each, ensure_ascii=False) for each in content)
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_file(file, tmp_path / "catalogue", STORE, **options)

    return of
