"""What screens are made of."""

from __future__ import annotations

from typing import Final

LAYOUTS: Final = ("text.kv", "code.kv", "controls.kv", "sheet.kv")
"""The .kv files in this folder, those that others build on first."""
MODULES: Final = ("code", "controls", "shapes", "sheet", "text")
"""The modules that they name classes of."""
