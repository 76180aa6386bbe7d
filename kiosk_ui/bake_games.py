"""Draws the grounds of games and open doors, and a wheel's pointer; a part of `kiosk_ui.bake`."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

FINE: Final = 4
SLOPE: Final = (17, 101, 66)
"""See `kiosk_ui.theme.SLOPE`."""
FOREST: Final = (11, 61, 46)
TOMATO: Final = (208, 53, 15)
WHITE: Final = (255, 255, 255)


def pictures() -> dict[str, Image.Image]:
    """Each by its name."""
    return {"shine": shine(), "deep": green((16, 480)), "pointer": pointer()}


def green(size: tuple[int, int]) -> Image.Image:
    """From light at the top to forest."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, FOREST), Image.new("RGB", size, SLOPE), ramp)


def shine() -> Image.Image:
    """Light rays from a point above the middle, on green."""
    size = (540, 960)
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(large)
    for turn in range(0, 360, 15):
        draw.pieslice((-1460, -1640, 2540, 2360), turn, turn + 7.5, fill=20)
    light = large.resize(size, Image.Resampling.LANCZOS)
    return Image.composite(Image.new("RGB", size, (160, 230, 190)), green(size), light).quantize(128)


def pointer() -> Image.Image:
    """A tomato drop with a white eye, edged in white."""
    size, f = 192, FINE
    large = Image.new("L", (size * f, size * f))
    draw = ImageDraw.Draw(large)
    draw.ellipse((40 * f, 12 * f, 152 * f, 124 * f), fill=255)
    draw.polygon([(48 * f, 96 * f), (144 * f, 96 * f), (96 * f, 184 * f)], fill=255)
    outer = large.resize((size, size), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", (size, size))
    picture.paste(WHITE, mask=outer)
    inner = Image.new("L", (size, size))
    inner.paste(outer.resize((164, 164), Image.Resampling.LANCZOS), (14, 8))
    picture.paste(TOMATO, mask=inner)
    eye = Image.new("L", (size * f, size * f))
    ImageDraw.Draw(eye).ellipse((74 * f, 44 * f, 118 * f, 88 * f), fill=255)
    picture.paste(WHITE, mask=eye.resize((size, size), Image.Resampling.LANCZOS))
    return picture
