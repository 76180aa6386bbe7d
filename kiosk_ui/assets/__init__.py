"""Where the baked pictures, the product art and the fonts are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


def baked(name: str) -> str:
    """Path of a shape or icon that `kiosk_ui.bake` drew."""
    return str(FOLDER / "baked" / f"{name}.png")


def art(name: str) -> str:
    """Path of a product picture; of the gift where there is no such picture."""
    path = FOLDER / "art" / f"{name}.png"
    return str(path if path.is_file() else FOLDER / "art" / "gift.png")


def font(name: str) -> str:
    """Path of a font."""
    return str(FOLDER / "fonts" / f"{name}.ttf")
