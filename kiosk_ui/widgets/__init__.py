"""What screens are made of."""

from __future__ import annotations

from typing import Final

LAYOUTS: Final = ("text.kv", "code.kv", "controls.kv", "keys.kv", "bar.kv", "sheet.kv")
"""The .kv files in this folder, those that others build on first."""
MODULES: Final = ("code", "controls", "keys", "shapes", "sheet", "text")
"""The modules that they name classes of."""
