"""Draws the example store's own pictures for its playlists: `python -m tests.kiosk_ui.draw_posters FOLDER`.

A step of making the example, not of running it. Real stores bring their photographs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from kiosk_ui import assets

SIZE: Final = (1080, 1920)
WORDS: Final = {
    "zh": ("刚出炉", "面包和可颂", "每天早上8点到10点半", "乳品烘焙区"),
    "en": ("Just baked", "Bread and croissants", "Every morning, 8:00 to 10:30", "Dairy & bakery"),
    "de": ("Frisch gebacken", "Brot und Croissants", "Jeden Morgen, 8:00 bis 10:30", "Milch & Brot"),
}
INK: Final = (20, 35, 28)
DEEP: Final = (11, 61, 46)
MANGO: Final = (255, 199, 77)


def poster(words: tuple[str, str, str, str]) -> Image.Image:
    """One poster: a warm morning, two loaves, four lines."""
    picture = Image.new("RGB", SIZE, (251, 227, 196))
    draw = ImageDraw.Draw(picture)
    for step in range(SIZE[1]):
        part = step / SIZE[1]
        draw.line([(0, step), (SIZE[0], step)], (255 - int(10 * part), 239 - int(28 * part), 214 - int(60 * part)))
    draw.ellipse((190, 660, 890, 1360), fill=MANGO)
    draw.ellipse((260, 730, 820, 1290), fill=(255, 222, 140))
    for name, box in (("bread", (270, 760, 480)), ("croissant", (560, 960, 400))):
        art = Image.open(assets.art(name)).convert("RGBA").resize((box[2], box[2]), Image.Resampling.LANCZOS)
        picture.paste(art, box[:2], art)
    _line(draw, words[0], 190, 148, DEEP)
    _line(draw, words[1], 400, 72, INK)
    draw.rounded_rectangle((96, 1400, 984, 1540), 70, fill=DEEP)
    _line(draw, words[2], 1430, 50, (255, 255, 255))
    _line(draw, words[3], 1340, 40, INK)
    return picture


def _line(draw: ImageDraw.ImageDraw, text: str, y: int, size: int, colour: tuple[int, int, int]) -> None:
    font = ImageFont.truetype(assets.font("NotoSansSC-700Bold"), size)
    while draw.textlength(text, font) > SIZE[0] - 120:
        size -= 4
        font = ImageFont.truetype(assets.font("NotoSansSC-700Bold"), size)
    draw.text(((SIZE[0] - draw.textlength(text, font)) / 2, y), text, colour, font)


def main(folder: Path) -> None:
    """Writes one for each language."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, words in WORDS.items():
        poster(words).save(folder / f"breakfast-{language}.jpg", quality=82, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
