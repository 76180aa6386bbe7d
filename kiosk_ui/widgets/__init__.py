"""What screens are made of."""

from __future__ import annotations

from typing import Final

LAYOUTS: Final = (
    "text.kv",
    "code.kv",
    "controls.kv",
    "keys.kv",
    "goods.kv",
    "bar.kv",
    "rows.kv",
    "sheet.kv",
    "column.kv",
    "stage.kv",
)
"""The .kv files in this folder, those that others build on first."""
MODULES: Final = (
    "code",
    "column",
    "controls",
    "goods",
    "keys",
    "plan",
    "rows",
    "shapes",
    "sheet",
    "stage",
    "text",
)
"""The modules that they name classes of."""
