"""Bakes the kiosk's pictures: soft-edged shapes, shadows, banner, icons, and product art for kiosk and phone page.

A step of building, not of starting: `python -m kiosk_ui.bake [folder of emoji pictures]`, then commit what it wrote.
Shadows and gradients drawn by a shader cost a software renderer a frame each; baked they cost nothing. The emoji
pictures are those of npm's `@lobehub/fluent-emoji-3d` (see `assets/NOTICE.md`); without the folder the art stays.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from kiosk_ui import bake_comfort, bake_games, signs

FOLDER: Final = Path(__file__).parent / "assets"
PHONE: Final = Path(__file__).parents[1] / "edge" / "web" / "static" / "art"
FINE: Final = 4
"""Shapes are drawn so many times larger and shrunk: Pillow's own edges are not smooth."""
WHITE: Final = (255, 255, 255, 255)
FOREST: Final = (11, 61, 46, 255)
MANGO: Final = (255, 199, 77, 255)

Corners = tuple[bool, bool, bool, bool]

ART: Final = {
    "milk": "1f95b",
    "croissant": "1f950",
    "cheese": "1f9c0",
    "strawberry": "1f353",
    "diaper": "1fa72",
    "formula": "1f37c",
    "egg": "1f95a",
    "apple": "1f34e",
    "fish": "1f41f",
    "bread": "1f35e",
    "coffee": "2615",
    "greens": "1f96c",
    "carrot": "1f955",
    "tangerine": "1f34a",
    "banana": "1f34c",
    "grapes": "1f347",
    "meat": "1f969",
    "shrimp": "1f990",
    "butter": "1f9c8",
    "wine": "1f377",
    "potato": "1f954",
    "gift": "1f381",
    "ticket": "1f39f-fe0f",
    "coin": "1fa99",
    "handbag": "1f45c",
    "backpack": "1f392",
    "suitcase": "1f9f3",
    "phone": "1f4f1",
}
"""Each picture and the emoji it is made of, by code point. The diaper is cut from the briefs."""


def mask(
    size: tuple[int, int], box: tuple[int, int, int, int], radius: int, corners: Corners = (True,) * 4
) -> Image.Image:
    """A rounded rectangle, white on black, with smooth edges.

    Corners: top left, top right, bottom right, bottom left.
    """
    large = Image.new("L", (size[0] * FINE, size[1] * FINE))
    x0, y0, x1, y1 = (value * FINE for value in box)
    ImageDraw.Draw(large).rounded_rectangle((x0, y0, x1 - 1, y1 - 1), radius * FINE, fill=255, corners=corners)
    return large.resize(size, Image.Resampling.LANCZOS)


def filled(shape: Image.Image, colour: tuple[int, ...] = WHITE) -> Image.Image:
    """One colour, seen through the shape."""
    picture = Image.new("RGBA", shape.size, (*colour[:3], 0))
    picture.putalpha(shape)
    return picture


def shapes() -> dict[str, Image.Image]:
    """Nine-patches of 128 pixels with corners of 64 (tinted and scaled where they are drawn), and a shadow of 256."""
    size, box = (128, 128), (0, 0, 128, 128)
    blurred = mask((256, 256), (64, 64, 192, 192), 40).filter(ImageFilter.GaussianBlur(22))
    ring = ImageChops.subtract(mask(size, box, 64), mask(size, (3, 3, 125, 125), 61))
    return {
        "round": filled(mask(size, box, 64)),
        "round_top": filled(mask(size, box, 63, (True, True, False, False))),
        "round_left": filled(mask(size, box, 63, (True, False, False, True))),
        "outline": filled(ring),
        "shadow": filled(blurred.point(lambda value: value * 0.2), (20, 50, 36)),
    }


def banner() -> Image.Image:
    """The green banner, 984 × 290 units at one and a half pixels each."""
    width, height = 1476, 435
    left, right = (17, 101, 66), (9, 58, 43)
    picture = Image.new("RGBA", (width, height))
    for x in range(width):
        part = min(1.0, (x / width) ** 0.9)
        shade = tuple(round(a + (b - a) * part) for a, b in zip(left, right, strict=True))
        picture.paste((*shade, 255), (x, 0, x + 1, height))
    for centre, radius, opacity in (((1190, 240), 430, 26), ((1190, 240), 300, 30), ((140, 520), 260, 26)):
        box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        glow = mask((width, height), box, radius).point(lambda value, opacity=opacity: value * opacity // 255)
        picture.alpha_composite(filled(glow, (70, 190, 130)))
    picture.putalpha(mask((width, height), (0, 0, width, height), 60))
    return picture


def _icon(draw_on: int = 128) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    large = Image.new("L", (draw_on * FINE, draw_on * FINE))
    return large, ImageDraw.Draw(large)


def _finish(large: Image.Image) -> Image.Image:
    return filled(large.resize((large.width // FINE, large.height // FINE), Image.Resampling.LANCZOS))


def globe() -> Image.Image:
    """The sign for languages."""
    large, draw = _icon()
    f, width = FINE, 9 * FINE
    draw.ellipse((10 * f, 10 * f, 118 * f, 118 * f), outline=255, width=width)
    draw.ellipse((40 * f, 10 * f, 88 * f, 118 * f), outline=255, width=width)
    for y in (46, 82):
        half = (54**2 - (y - 64) ** 2) ** 0.5 - 4
        draw.line(((64 - half) * f, y * f, (64 + half) * f, y * f), fill=255, width=width)
    return _finish(large)


def letters() -> Image.Image:
    """The sign for letter size: a small A beside a large one."""
    large, draw = _icon()
    for x, base, height, width in ((6, 106, 46, 9), (46, 106, 84, 12)):
        half, f = height * 0.42, FINE
        apex = (x + half, base - height)
        for foot in (x, x + 2 * half):
            draw.line((foot * f, base * f, apex[0] * f, apex[1] * f), fill=255, width=width * f)
        for point in ((x, base), (x + 2 * half, base), apex):
            r = width / 2
            draw.ellipse(((point[0] - r) * f, (point[1] - r) * f, (point[0] + r) * f, (point[1] + r) * f), fill=255)
        bar = base - height * 0.32
        draw.line(((x + half * 0.4) * f, bar * f, (x + half * 1.6) * f, bar * f), fill=255, width=int(width * 0.9) * f)
    return _finish(large)


def arrow(*, left: bool) -> Image.Image:
    """A chevron."""
    large, draw = _icon()
    points = [(46, 22), (88, 64), (46, 106)]
    scaled = [((128 - x if left else x) * FINE, y * FINE) for x, y in points]
    draw.line(scaled, fill=255, width=14 * FINE, joint="curve")
    for x, y in (scaled[0], scaled[2]):
        draw.ellipse((x - 7 * FINE, y - 7 * FINE, x + 7 * FINE, y + 7 * FINE), fill=255)
    return _finish(large)


def pause() -> Image.Image:
    """Two bars in a ring: the code is paused."""
    large, draw = _icon()
    f = FINE
    draw.ellipse((8 * f, 8 * f, 120 * f, 120 * f), outline=255, width=9 * f)
    for x in (44, 70):
        draw.rounded_rectangle((x * f, 42 * f, (x + 14) * f, 86 * f), 5 * f, fill=255)
    return _finish(large)


def gone() -> Image.Image:
    """A bar in a ring: nothing left."""
    large, draw = _icon()
    f = FINE
    draw.ellipse((8 * f, 8 * f, 120 * f, 120 * f), outline=255, width=9 * f)
    draw.rounded_rectangle((40 * f, 58 * f, 88 * f, 70 * f), 5 * f, fill=255)
    return _finish(large)


def logo() -> Image.Image:
    """A mango basket on the forest square."""
    size, f = 192, FINE
    basket = Image.new("L", (size * f, size * f))
    draw = ImageDraw.Draw(basket)
    draw.line([(62 * f, 86 * f), (84 * f, 48 * f)], fill=255, width=11 * f)
    draw.line([(130 * f, 86 * f), (108 * f, 48 * f)], fill=255, width=11 * f)
    draw.rounded_rectangle((36 * f, 78 * f, 156 * f, 98 * f), 9 * f, fill=255)
    draw.polygon([(46 * f, 96 * f), (146 * f, 96 * f), (132 * f, 142 * f), (60 * f, 142 * f)], fill=255)
    draw.rounded_rectangle((57 * f, 126 * f, 135 * f, 148 * f), 9 * f, fill=255)
    draw.ellipse((85 * f, 106 * f, 107 * f, 128 * f), fill=0)
    picture = filled(mask((size, size), (0, 0, size, size), 46), FOREST)
    picture.alpha_composite(filled(basket.resize((size, size), Image.Resampling.LANCZOS), MANGO))
    return picture


def gradient(size: tuple[int, int], top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    """From one colour at the top to another at the bottom."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGBA", size, (*bottom, 255)), Image.new("RGBA", size, (*top, 255)), ramp)


def shaded(shape: Image.Image, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    """The shape filled with a gradient and rounded by a soft shade along its lower right edge."""
    picture = gradient(shape.size, top, bottom)
    offset = shape.size[0] // 22
    lit = ImageChops.offset(shape, -offset, -offset).filter(ImageFilter.GaussianBlur(offset))
    shade = ImageChops.multiply(ImageChops.invert(lit), shape).point(lambda value: value * 0.4)
    picture.alpha_composite(filled(shade, (96, 110, 170)))
    picture.putalpha(shape)
    return picture


def diaper(briefs: Image.Image) -> Image.Image:
    """The outline of the briefs as a white diaper with sky-blue tapes."""
    shape = briefs.getchannel("A")
    left, top, right, _ = shape.point(lambda value: 255 if value > 128 else 0).getbbox() or (0, 0, *shape.size)
    picture = shaded(shape, (255, 255, 255), (226, 233, 248))
    large = Image.new("L", (shape.width * FINE, shape.height * FINE))
    draw = ImageDraw.Draw(large)
    f, waist, middle = FINE, top + 34, (left + right) / 2
    draw.rectangle((0, 0, large.width, waist * f), fill=255)
    tapes = large.resize(shape.size, Image.Resampling.LANCZOS)
    picture.alpha_composite(shaded(ImageChops.multiply(tapes, shape), (160, 214, 250), (104, 178, 240)))
    for side in (-1, 1):
        x = middle + side * 66
        box = (round(x) - 30, top + 9, round(x) + 30, top + 58)
        picture.alpha_composite(shaded(mask(shape.size, box, 12), (255, 214, 120), (250, 176, 60)))
    for dot in ((-26, 62), (0, 74), (26, 62)):
        x, y = round(middle + dot[0]), top + dot[1]
        spot = mask(shape.size, (x - 7, y - 7, x + 7, y + 7), 7)
        picture.alpha_composite(filled(spot, (164, 205, 245)))
    return picture


def wipes() -> Image.Image:
    """A pack of wet wipes with one half out."""
    size, f = (256, 256), FINE
    picture = shaded(mask(size, (14, 112, 242, 236), 34), (138, 224, 208), (52, 170, 160))
    picture.alpha_composite(shaded(mask(size, (56, 96, 200, 150), 26), (255, 255, 255), (214, 228, 240)))
    large = Image.new("L", (size[0] * f, size[1] * f))
    outline = [
        (92, 120),
        (84, 74),
        (62, 44),
        (96, 50),
        (116, 18),
        (138, 44),
        (176, 26),
        (172, 66),
        (190, 84),
        (166, 120),
    ]
    ImageDraw.Draw(large).polygon([(x * f, y * f) for x, y in outline], fill=255)
    soft = large.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(6))
    tissue = soft.point(lambda value: max(0, min(255, (value - 108) * 7)))
    picture.alpha_composite(shaded(tissue, (255, 255, 255), (222, 232, 246)))
    picture.alpha_composite(filled(mask(size, (78, 112, 178, 126), 7), (120, 150, 176)))
    cut = mask(size, (0, 0, 256, 118), 0)
    over = shaded(tissue, (255, 255, 255), (222, 232, 246))
    over.putalpha(ImageChops.multiply(tissue, cut))
    picture.alpha_composite(over)
    drop = mask(size, (112, 166, 144, 206), 16)
    picture.alpha_composite(filled(drop.point(lambda value: value * 0.85)))
    return picture


def art(source: Path) -> None:
    """Product art: 256 pixels for the kiosk, 112 for the phone."""
    PHONE.mkdir(parents=True, exist_ok=True)
    pictures = {name: Image.open(source / f"{code}.webp").convert("RGBA") for name, code in ART.items()}
    pictures |= {"diaper": diaper(pictures["diaper"]), "wipes": wipes()}
    for name, picture in pictures.items():
        picture.save(FOLDER / "art" / f"{name}.png", optimize=True)
        small = picture.resize((112, 112), Image.Resampling.LANCZOS)
        small.save(PHONE / f"{name}.webp", quality=72, method=6, alpha_quality=70)


def main(arguments: list[str]) -> None:
    """Writes every baked picture."""
    baked = FOLDER / "baked"
    baked.mkdir(parents=True, exist_ok=True)
    (FOLDER / "art").mkdir(exist_ok=True)
    icons = {
        "globe": globe(),
        "letters": letters(),
        "previous": arrow(left=True),
        "next": arrow(left=False),
        "pause": pause(),
        "gone": gone(),
    }
    icons |= bake_comfort.signs() | signs.all_signs() | bake_games.pictures()
    for name, picture in {**shapes(), **icons, "banner": banner(), "logo": logo()}.items():
        picture.save(baked / f"{name}.png", optimize=True)
    if arguments:
        art(Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
