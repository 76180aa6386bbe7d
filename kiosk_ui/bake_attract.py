"""Bakes what the attract loop stands on: rays on green, and the burst behind a price.

A step of building: `python -m kiosk_ui.bake_attract`, then commit what it wrote.
"""

from __future__ import annotations

import math
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from kiosk_ui.bake import FINE, FOLDER, filled

SIDE: Final = 960
RAYS: Final = 20
POINTS: Final = 24


def rays() -> Image.Image:
    """From leaf to forest, with rays that come out of the middle. Square: it is cut to any window."""
    ramp = Image.linear_gradient("L").resize((SIDE, SIDE))
    ground = Image.composite(
        Image.new("RGB", (SIDE, SIDE), (9, 54, 41)), Image.new("RGB", (SIDE, SIDE), (17, 101, 66)), ramp
    )
    light = Image.new("L", (SIDE, SIDE))
    draw, middle = ImageDraw.Draw(light), (SIDE / 2, SIDE * 0.42)
    for ray in range(RAYS):
        turns = [2 * math.pi * (ray + part) / RAYS for part in (0.0, 0.5)]
        ends = [(middle[0] + SIDE * 1.5 * math.cos(turn), middle[1] + SIDE * 1.5 * math.sin(turn)) for turn in turns]
        draw.polygon([middle, *ends], fill=16)
    light = light.filter(ImageFilter.GaussianBlur(1))
    return Image.composite(Image.new("RGB", (SIDE, SIDE), (120, 220, 165)), ground, light)


def burst() -> Image.Image:
    """A star of many points, mango."""
    side = 420 * FINE
    shape = Image.new("L", (side, side))
    points = []
    for point in range(POINTS * 2):
        reach = side / 2 * (0.98 if point % 2 == 0 else 0.86)
        turn = math.pi * point / POINTS
        points.append((side / 2 + reach * math.cos(turn), side / 2 + reach * math.sin(turn)))
    ImageDraw.Draw(shape).polygon(points, fill=255)
    return filled(shape.resize((side // FINE, side // FINE), Image.Resampling.LANCZOS), (255, 199, 77))


def main() -> None:
    """Writes both."""
    rays().save(FOLDER / "baked" / "rays.png", optimize=True)
    burst().save(FOLDER / "baked" / "burst.png", optimize=True)


if __name__ == "__main__":
    main()
