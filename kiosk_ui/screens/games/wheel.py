"""Bakes a wheel of prizes once: slices with names and pictures, all equal. It is turned as one texture."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from kiosk_ui import assets

FINE: Final = 2
SIDE: Final = 760
GOLD: Final = (247, 184, 62, 255)
PALE: Final = (255, 245, 224, 255)
RIM: Final = (255, 199, 77, 255)
EDGE: Final = (196, 128, 30, 255)
TOMATO: Final = (208, 53, 15, 255)
WHITE: Final = (255, 255, 255, 255)
INK: Final = (20, 35, 28, 255)
FOREST: Final = (11, 61, 46, 255)
LONGEST: Final = 190
"""Room for a name across its slice, in units of the wheel."""


@lru_cache(4)
def baked(slices: tuple[tuple[str, str], ...], winner: int) -> Image.Image:
    """The wheel with slice 0 at the top, clockwise. The winner's slice is tomato; below 0 none is."""
    side = SIDE * FINE
    picture = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, side - 1, side - 1), fill=EDGE)
    draw.ellipse((6, 6, side - 7, side - 7), fill=RIM)
    inner = 26 * FINE
    step = 360 / len(slices)
    for place in range(len(slices)):
        start = -90 + (place - 0.5) * step
        colour = TOMATO if place == winner else PALE if place % 2 == 0 else GOLD
        draw.pieslice(
            (inner, inner, side - inner, side - inner), start, start + step, fill=colour, outline=EDGE, width=2
        )
    for place in range(len(slices) * 2):
        turn = math.radians(place * step / 2)
        x, y = side / 2 + math.sin(turn) * (side / 2 - 15 * FINE), side / 2 - math.cos(turn) * (side / 2 - 15 * FINE)
        r = 5 * FINE
        draw.ellipse((x - r, y - r, x + r, y + r), fill=WHITE if place % 2 else TOMATO)
    for place, (name, art) in enumerate(slices):
        leaf = _leaf(name, "" if winner >= 0 else art, light=place == winner, narrow=len(slices) > 9)
        turned = leaf.rotate(-place * step, Image.Resampling.BICUBIC, expand=True)
        turn, far = math.radians(place * step), side * 0.335
        x, y = side / 2 + math.sin(turn) * far, side / 2 - math.cos(turn) * far
        picture.alpha_composite(turned, (round(x - turned.width / 2), round(y - turned.height / 2)))
    _hub(picture, slices[winner][1] if winner >= 0 else "", -winner * step)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _hub(picture: Image.Image, art: str, turned: float) -> None:
    """The middle: a stud, or what was won, upright once the wheel has stopped."""
    middle, radius = picture.width / 2, (170 if art else 44) * FINE
    draw = ImageDraw.Draw(picture)
    for reach, colour in ((radius, RIM), (radius - 10 * FINE, WHITE if art else FOREST)):
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=colour)
    if art:
        size = 240 * FINE
        with Image.open(assets.art(art)) as found:
            large = found.convert("RGBA").resize((size, size), Image.Resampling.LANCZOS)
        large = large.rotate(turned, Image.Resampling.BICUBIC, expand=True)
        picture.alpha_composite(large, (round(middle - large.width / 2), round(middle - large.height / 2)))


def _leaf(name: str, art: str, *, light: bool, narrow: bool) -> Image.Image:
    """A slice's name with its picture below, upright."""
    leaf = Image.new("RGBA", (250 * FINE, 150 * FINE))
    font, text = _fitted(name, round((150 if narrow else LONGEST) * FINE))
    draw = ImageDraw.Draw(leaf)
    # Under the pointer's tip; without a picture halfway to the middle.
    draw.text((leaf.width / 2, (38 if art else 75) * FINE), text, font=font, fill=WHITE if light else INK, anchor="mm")
    if art:
        size = 82 * FINE
        with Image.open(assets.art(art)) as found:
            small = found.convert("RGBA").resize((size, size), Image.Resampling.LANCZOS)
        leaf.alpha_composite(small, (round((leaf.width - size) / 2), 64 * FINE))
    return leaf


def _fitted(name: str, room: int) -> tuple[ImageFont.FreeTypeFont, str]:
    """The name as large as fits, cut where even the least letters are too wide."""
    path = assets.font("NotoSansSC-700Bold")
    for size in (28, 26, 24, 22, 20, 18):
        font = ImageFont.truetype(path, size * FINE)
        if font.getlength(name) <= room:
            return font, name
    while name and font.getlength(name + "…") > room:
        name = name[:-1]
    return font, name + "…"
