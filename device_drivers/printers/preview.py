"""A document as a picture of the slip: for staff who want to see before they print, and for the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device_drivers.printers import document_layout as layout
from device_drivers.printers import document_picture as picture

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from device_drivers.contract.documents import Document

MARGIN: Final = {58: 36, 80: 32}
"""What the paper is wider than the head on each side, in dots."""


def preview(document: Document, paper: int = 80, font: Path | None = None, logos: Path | None = None) -> bytes:
    """A PNG of the slip on 58 or 80 mm paper, one pixel per dot. Raises `BadDocument`, and `OSError` without a font."""
    roll = layout.PAPERS[paper]
    pen = picture.Pen(font)
    parts = [_space(24, roll.dots)]
    for item in layout.lay_out(document, roll):
        parts += _drawn(item, roll.dots, pen, logos)
    inner = picture.stack(parts, roll.dots)
    return picture.as_png(_framed(inner, MARGIN[paper]))


def _drawn(item: layout.Placed, dots: int, pen: picture.Pen, logos: Path | None) -> list[Image.Image]:
    if isinstance(item, layout.Logo):
        png = picture.logo_bytes(item.name, item.png, logos)
        return [picture.logo(png, dots)] if png else []
    return [_picture(item, dots, pen)]


def _picture(item: layout.Placed, dots: int, pen: picture.Pen) -> Image.Image:
    match item:
        case layout.TextLine():
            return pen.line(item, dots)
        case layout.Qr():
            return picture.qr(item, dots)
        case layout.Bars():
            return picture.bars(item, dots, pen)
        case layout.Rule():
            return picture.rule(item, dots)
        case _:  # empty lines, the edge of the paper, and the drawer, which leaves nothing on it
            return _space(picture.LEADING * item.lines if isinstance(item, layout.Feed) else 24, dots)


def _space(height: int, dots: int) -> Image.Image:
    from PIL import Image

    return Image.new("1", (dots, height), picture.WHITE)


def _framed(inner: Image.Image, margin: int) -> Image.Image:
    from PIL import Image

    whole = Image.new("1", (inner.width + 2 * margin, inner.height), picture.WHITE)
    whole.paste(inner, (margin, 0))
    return whole
