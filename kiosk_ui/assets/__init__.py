"""Where the baked pictures, the product art and the fonts are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
GIFT: Final = "gift"
"""The picture that stands in for any that the kiosk does not have."""
ARTS: Final = frozenset(
    (
        "milk",
        "croissant",
        "cheese",
        "strawberry",
        "diaper",
        "formula",
        "wipes",
        "egg",
        "apple",
        "fish",
        "bread",
        "coffee",
        "ticket",
        "coin",
        "handbag",
        "backpack",
        "suitcase",
        "phone",
        "greens",
        "carrot",
        "tangerine",
        "banana",
        "grapes",
        "meat",
        "shrimp",
        "butter",
        "wine",
        "potato",
    )
)
"""Pictures that the kiosk has besides."""


def known_art(name: str, otherwise: str = GIFT) -> str:
    """The picture's name, where the kiosk has it."""
    return name if name in ARTS or name == GIFT else otherwise


def baked(name: str) -> str:
    """Path of a shape or icon that `kiosk_ui.bake` drew."""
    return f"{FOLDER}/baked/{name}.png"


def art(name: str) -> str:
    """Path of a product picture; of the gift where there is no such picture."""
    return f"{FOLDER}/art/{name if name in _drawn() else GIFT}.png"


@cache
def _drawn() -> frozenset[str]:
    """Names of the product pictures."""
    return frozenset(path.stem for path in (FOLDER / "art").glob("*.png"))


def font(name: str) -> str:
    """Path of a font."""
    return str(FOLDER / "fonts" / f"{name}.ttf")
