"""What is seen where one kind of the eye's cones is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kiosk_ui.theme import Colour

BLIND: Final = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What is seen of linear red, green and blue where one kind of cone is missing (Machado, Oliveira, Fernandes 2009)."""
TO_XYZ: Final = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE: Final = (0.95047, 1.0, 1.08883)


def apart(one: Colour, other: Colour, kind: str) -> float:
    """How far apart two colours are seen (CIE 1976); 2 is what a trained eye tells apart side by side."""
    return float(np.linalg.norm(_lab(_seen(one, kind)) - _lab(_seen(other, kind))))


def _seen(colour: Colour, kind: str) -> NDArray[Any]:
    return np.clip(np.array(BLIND[kind]) @ _linear(np.array(colour[:3])), 0, 1)


def _lab(linear: NDArray[Any]) -> NDArray[Any]:
    parts = np.array(TO_XYZ) @ linear / np.array(WHITE)
    x, y, z = np.where(parts > 0.008856, np.cbrt(parts), 7.787 * parts + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _linear(rgb: NDArray[Any]) -> NDArray[Any]:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def simulated(image: Image.Image, kind: str) -> Image.Image:
    """What somebody sees of it."""
    mixed = np.clip(_linear(np.asarray(image, float) / 255) @ np.array(BLIND[kind]).T, 0, 1)
    back = np.where(mixed <= 0.0031308, mixed * 12.92, 1.055 * mixed ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.round(back * 255).astype(np.uint8))
