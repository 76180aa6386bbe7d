"""Line signs for keys: white shapes on nothing, tinted where they are drawn. `kiosk_ui.bake` writes them.

A sign is a list of strokes and spots on a field of 64, in the order in which they are drawn.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

SIDE: Final = 128
FINE: Final = 4
FIELD: Final = 64
WIDTH: Final = 5.0
"""Of a stroke, with round ends."""

Point: TypeAlias = tuple[float, float]
Stroke: TypeAlias = tuple[Point, ...]


def arc(x: float, y: float, r: float, begin: float = 0.0, end: float = 360.0) -> Stroke:
    """Part of a circle, in degrees clockwise from three o'clock."""
    count = max(2, round(abs(end - begin) / 6) + 1)
    angles = [math.radians(begin + (end - begin) * at / (count - 1)) for at in range(count)]
    return tuple((x + r * math.cos(angle), y + r * math.sin(angle)) for angle in angles)


SIGNS: Final[dict[str, tuple[Stroke, ...]]] = {
    "lens": (arc(28, 28, 17), ((41, 41), (55, 55))),
    "pin": ((*arc(32, 26, 17, 150, 390), (32, 57), (17.3, 34.5)), arc(32, 26, 5.5)),
    "basket": (
        ((8, 27), (56, 27), (50, 53), (14, 53), (8, 27)),
        ((19, 27), (27, 10)),
        ((45, 27), (37, 10)),
        ((25, 36), (25, 44)),
        ((32, 36), (32, 44)),
        ((39, 36), (39, 44)),
    ),
    "check": (((13, 34), (27, 47), (51, 19)),),
    "cross": (((17, 17), (47, 47)), ((47, 17), (17, 47))),
    "minus": (((14, 32), (50, 32)),),
    "till": (((14, 30), (50, 30), (54, 54), (10, 54), (14, 30)), ((20, 30), (20, 12), (44, 12), (44, 30)),
             ((28, 20), (36, 20)), ((20, 42), (22, 42)), ((31, 42), (33, 42)), ((42, 42), (44, 42))),
    "clock": (arc(32, 32, 23), ((32, 18), (32, 32), (42, 38))),
    "plus": (((32, 14), (32, 50)), ((14, 32), (50, 32))),
    "erase": (((22, 14), (57, 14), (57, 50), (22, 50), (6, 32), (22, 14)), ((32, 25), (46, 39)), ((46, 25), (32, 39))),
    "scan": (
        ((9, 20), (9, 9), (20, 9)),
        ((44, 9), (55, 9), (55, 20)),
        ((55, 44), (55, 55), (44, 55)),
        ((20, 55), (9, 55), (9, 44)),
        ((12, 32), (52, 32)),
    ),
    "shield": (((32, 7), (53, 15), (53, 33), (46, 47), (32, 57), (18, 47), (11, 33), (11, 15), (32, 7)),
               ((22, 32), (30, 40), (43, 25))),
    "box": (((8, 20), (32, 8), (56, 20), (56, 46), (32, 57), (8, 46), (8, 20)), ((8, 20), (32, 32), (56, 20)),
            ((32, 32), (32, 57))),
    "house": (((8, 32), (32, 11), (56, 32)),
              ((15, 28), (15, 54), (26, 54), (26, 39), (38, 39), (38, 54), (49, 54), (49, 28))),
    "phone": (((19, 7), (45, 7), (45, 57), (19, 57), (19, 7)), ((29, 49), (35, 49))),
    "print": (((18, 22), (18, 8), (46, 8), (46, 22)), ((18, 46), (9, 46), (9, 22), (55, 22), (55, 46), (46, 46)),
              ((18, 38), (46, 38), (46, 56), (18, 56), (18, 38))),
    "person": (arc(32, 20, 11), ((10, 56), *arc(32, 56, 22, 180, 360), (54, 56))),
    "locker": (((11, 8), (53, 8), (53, 56), (11, 56), (11, 8)), ((32, 8), (32, 56)), ((11, 32), (53, 32)),
               ((25, 20), (25, 22)), ((46, 20), (46, 22)), ((25, 44), (25, 46)), ((46, 44), (46, 46))),
    "map": (((8, 14), (24, 8), (40, 14), (56, 8), (56, 50), (40, 56), (24, 50), (8, 56), (8, 14)), ((24, 8), (24, 50)),
            ((40, 14), (40, 56))),
    "bell": (((12, 46), (52, 46)), ((17, 46), (17, 30), *arc(32, 30, 15, 180, 360), (47, 46)),
             ((28, 54), (36, 54)), ((32, 8), (32, 14))),
    "present": (((11, 28), (53, 28), (53, 56), (11, 56), (11, 28)),
                ((7, 19), (57, 19), (57, 28), (7, 28), (7, 19)),
                ((32, 19), (32, 56)), ((32, 19), (22, 9), (17, 14), (22, 19)), ((32, 19), (42, 9), (47, 14), (42, 19))),
    "reach": (arc(27, 9, 3.5), ((27, 17), (27, 36), (42, 36), (49, 53), (55, 51)),
              ((27, 25), (39, 25)), arc(27, 43, 14, 205, 5)[::-1]),
    "turn_ahead": (((32, 56), (32, 10)), ((16, 26), (32, 10), (48, 26))),
    "turn_start": (((32, 56), (32, 10)), ((16, 26), (32, 10), (48, 26))),
    "turn_left": (((50, 54), (50, 38), (45, 29), (36, 26), (10, 26)), ((24, 12), (10, 26), (24, 40))),
    "turn_right": (((14, 54), (14, 38), (19, 29), (28, 26), (54, 26)), ((40, 12), (54, 26), (40, 40))),
    "turn_slight_left": (((42, 56), (42, 38), (16, 12)), ((16, 32), (16, 12), (36, 12))),
    "turn_slight_right": (((22, 56), (22, 38), (48, 12)), ((28, 12), (48, 12), (48, 32))),
    "turn_back": (((46, 56), (46, 24), *arc(32, 24, 14, 0, -180), (18, 54)), ((6, 42), (18, 54), (30, 42))),
    "turn_here": (((13, 34), (27, 47), (51, 19)),),
}  # fmt: skip
"""By name."""


def sign(strokes: tuple[Stroke, ...]) -> Image.Image:
    """Draws one."""
    scale = SIDE * FINE / FIELD
    large = Image.new("L", (SIDE * FINE, SIDE * FINE))
    draw = ImageDraw.Draw(large)
    r = WIDTH * scale / 2
    for stroke in strokes:
        points = [(x * scale, y * scale) for x, y in stroke]
        draw.line(points, fill=255, width=round(2 * r), joint="curve")
        for x, y in points:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return _white(large)


def star() -> Image.Image:
    """A full one: for what buyers said."""
    scale = SIDE * FINE / FIELD
    large = Image.new("L", (SIDE * FINE, SIDE * FINE))
    points = [
        (32 + r * math.sin(math.radians(36 * at)), 34 - r * math.cos(math.radians(36 * at)))
        for at, r in enumerate([28, 12.5] * 5)
    ]
    ImageDraw.Draw(large).polygon([(x * scale, y * scale) for x, y in points], fill=255)
    return _white(large)


def all_signs() -> dict[str, Image.Image]:
    """Every one, by name."""
    return {**{name: sign(strokes) for name, strokes in SIGNS.items()}, "star": star()}


def _white(large: Image.Image) -> Image.Image:
    shape = large.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", shape.size, (255, 255, 255, 0))
    picture.putalpha(shape)
    return picture
