"""Parts of a slip as black-and-white pictures: for the preview, and for printers that cannot set a part themselves."""

from __future__ import annotations

import base64
import binascii
import io
import struct
import unicodedata
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags, Image, ImageDraw, UnidentifiedImageError

from device_drivers.contract.documents import BadDocument
from device_drivers.printers import document_shaping as shaping
from device_drivers.printers.document_layout import DOTS_PER_COLUMN, Bars, Qr, Rule, TextLine, code128_set
from device_drivers.printers.document_wrap import width

GLYPH: Final = 24
"""Height of a character in dots, as in the printers' own font A."""
LEADING: Final = 34
"""From line to line in dots: 1/6 inch at 203 dpi, which is where a printer begins."""
LOGO_MOST: Final = (2000, 2000)
"""A larger picture is refused before it is unpacked."""

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the Orientation of an Exif."""

WHITE: Final = 1
BLACK: Final = 0

_MONO_SC: Final = 7
"""`Noto Sans Mono CJK SC` in Debian's collection: Latin in exactly half the width of Chinese."""
_FONTS: Final = (
    (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), _MONO_SC),
    (Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"), 1),
    (Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"), 1),
    (Path("/usr/share/fonts/truetype/arphic/uming.ttc"), 0),
)


class Pen:
    """Draws with one font."""

    def __init__(self, font: Path | None = None) -> None:
        """`font`: a TrueType or OpenType file with Chinese; None takes one of the box. Raises `OSError`."""
        path, index = (font, 0) if font else chinese_font()
        self._fonts = {size: shaping.Fonts(path, index, (GLYPH - 2) * size) for size in (1, 2)}

    def line(self, line: TextLine, dots: int) -> Image.Image:
        """A line of text, as high as its line feed."""
        size = line.size
        picture = Image.new("1", (dots, LEADING * size - (size - 1) * 8), WHITE)
        step = DOTS_PER_COLUMN * size
        space = dots - width(line.text) * step
        left = {"left": 0, "center": space // 2, "right": space}[line.align]
        ink = BLACK
        if line.reverse:
            box = (left, 0, left + width(line.text) * step - 1, GLYPH * size + 5)
            ImageDraw.Draw(picture).rectangle(box, fill=BLACK)
            ink = WHITE
        for part in shaping.parts(line.text, line.gaps):
            mask = self._mask(part, size, picture.height, bold=line.bold)
            picture.paste(ink, (left + part.column * step, 0), mask)
        return picture

    def _mask(self, part: shaping.TextRun, size: int, height: int, *, bold: bool) -> Image.Image:
        """Where one part has ink, within its own columns. A sign that no font has is left out, a letter is a `?`."""
        box = (max(1, part.columns * DOTS_PER_COLUMN * size), height)
        found = self._fonts[size].of(part.text)
        if found is None:
            lost = any(unicodedata.category(letter)[0] in "LNM" for letter in part.text)
            found = self._fonts[size].of("?" * part.columns if lost else " ")
        if found is None or not found[1].strip():
            return Image.new("1", box, 0)
        font, text = found
        align = ("right" if shaping.right_to_left(text) else "left") if part.shaped else "center"
        # As a printer does it: bold is the same letter once more, one dot to the right.
        inner = (box[0] - bold, height)
        mask = shaping.draw(text, font, inner, 3 + round(GLYPH * size * 0.83), align)
        whole = Image.new("1", box, 0)
        for nudge in range(1 + bold):
            whole.paste(1, (nudge, 0), mask)
        return whole


def chinese_font() -> tuple[Path, int]:
    """A font of this box that has Chinese, and its place in the file. Raises `FileNotFoundError` in plain words."""
    for path, index in _FONTS:
        if path.exists():
            return path, index
    raise FileNotFoundError("no font with Chinese was found: install fonts-noto-cjk, or name a file in `font`")


def rule(item: Rule, dots: int) -> Image.Image:
    """A line across the paper, with air around it."""
    picture = Image.new("1", (dots, 18), WHITE)
    draw = ImageDraw.Draw(picture)
    if item.style == "dashed":
        for left in range(0, dots, 12):
            draw.rectangle((left, 8, left + 6, 9), fill=BLACK)
    else:
        draw.rectangle((0, 8, dots, 9), fill=BLACK)
    if item.style == "double":
        draw.rectangle((0, 12, dots, 13), fill=BLACK)
    return picture


def qr(item: Qr, dots: int) -> Image.Image:
    """The code, centred, with its quiet zone."""
    import segno

    code = segno.make_qr(item.data, error="m", boost_error=False, mode="byte", encoding="utf-8")
    rows = [[WHITE if not module else BLACK for module in row] for row in code.matrix]
    return _centred(_scaled(rows, item.module, item.module), dots, 2 * item.module)


def bars(item: Bars, dots: int, pen: Pen | None) -> Image.Image:
    """The code, centred, with its text below."""
    pattern = _ean13(item.data) if item.symbology == "ean13" else _code128(item.data)
    rows = [[BLACK if bar == "1" else WHITE for bar in pattern]]
    code = _centred(_scaled(rows, item.module, item.height), dots, 4)
    fits = width(item.data) * DOTS_PER_COLUMN <= dots
    return stack([code, pen.line(TextLine(item.data, "center"), dots)] if pen and fits else [code], dots)


def _scaled(rows: list[list[int]], across: int, down: int) -> Image.Image:
    picture = Image.new("1", (len(rows[0]), len(rows)))
    picture.putdata([module for row in rows for module in row])
    return picture.resize((len(rows[0]) * across, len(rows) * down), Image.Resampling.NEAREST)


def _centred(picture: Image.Image, dots: int, air: int) -> Image.Image:
    whole = Image.new("1", (dots, picture.height + 2 * air), WHITE)
    whole.paste(picture, ((dots - picture.width) // 2, air))
    return whole


def _ean13(data: str) -> str:
    from barcode.ean import EuropeanArticleNumber13

    return str(EuropeanArticleNumber13(data[:12]).build()[0])


def _code128(data: str) -> str:
    from barcode.charsets import code128 as sets

    chosen = code128_set(data)
    if chosen == "C":
        symbols = [sets.START_CODES["C"], *(int(data[at : at + 2]) for at in range(0, len(data), 2))]
    else:
        symbols = [sets.START_CODES["B"], *(ord(letter) - 32 for letter in data)]
    check = (symbols[0] + sum(place * symbol for place, symbol in enumerate(symbols[1:], start=1))) % 103
    return "".join(str(sets.CODES[symbol]) for symbol in (*symbols, check)) + str(sets.STOP) + "11"


def logo(png: bytes, dots: int) -> Image.Image:
    """A picture in black and white, centred, scaled down where the paper is too narrow. Raises `BadDocument`."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width > LOGO_MOST[0] or opened.height > LOGO_MOST[1]:
                raise BadDocument(
                    f"logo: {opened.width} x {opened.height} dots; at most {LOGO_MOST[0]} x {LOGO_MOST[1]}"
                )
            flat = Image.new("L", opened.size, 255)
            coloured = opened.convert("RGBA")
            flat.paste(coloured.convert("L"), mask=coloured.getchannel("A"))
            turn = _turn(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadDocument(f"logo: not a picture: {error}") from None
    if turn is not None:
        flat = flat.transpose(turn)
    most = min(dots, 400)
    if flat.width > most:
        flat = flat.resize((most, max(1, round(flat.height * most / flat.width))), Image.Resampling.LANCZOS)
    if flat.height > 300:
        flat = flat.resize((max(1, round(flat.width * 300 / flat.height)), 300), Image.Resampling.LANCZOS)
    return _centred(flat.convert("1"), dots, 6)


def _turn(opened: Image.Image) -> Image.Transpose | None:
    """How its Exif says that it must be turned to be looked at. An Exif that is damaged says nothing."""
    try:
        return _TURNS.get(opened.getexif().get(ExifTags.Base.Orientation, 1))
    except (SyntaxError, struct.error, ValueError, OSError):
        return None


def logo_bytes(name: str | None, png: str | None, folder: Path | None) -> bytes | None:
    """The PNG of a logo: the one in the document, or `<folder>/<name>.png`; None where the box has no such file."""
    if png is not None:
        try:
            return base64.b64decode(png, validate=True)
        except binascii.Error as error:
            raise BadDocument(f"logo: png is not base64: {error}") from None
    path = folder / f"{name}.png" if folder else None
    return path.read_bytes() if path and path.is_file() else None


def stack(parts: list[Image.Image], dots: int) -> Image.Image:
    """The parts below each other."""
    whole = Image.new("1", (dots, sum(part.height for part in parts)), WHITE)
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole


def as_png(picture: Image.Image) -> bytes:
    """The picture as a small PNG file."""
    out: Any = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return bytes(out.getvalue())
