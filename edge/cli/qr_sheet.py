"""Label cards for the store's touchpoints: an A4 PDF to print at 100 % and cut."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from edge.domain.touchpoints.codes import Codes
from edge.secrets.vault import Vault
from edge.settings.settings import Settings
from operations.paper_fonts import fonts
from words.languages import Wording
from words.sentences import has, say

QR = 44 * mm
"""Side of a code, quiet zone included: at 33 modules that is over 1 mm a module, read from an arm's length."""
QUIET = 4
"""Modules of white around a code, as ISO/IEC 18004 asks."""
COLUMNS, ROWS = 2, 4
CARD_WIDTH, CARD_HEIGHT = 95 * mm, 66 * mm
PADDING = 6 * mm

INK, FAINT, LINE, PAPER = HexColor("#22201C"), HexColor("#77716A"), HexColor("#D8D2C8"), HexColor("#F6F2EB")
ACCENT = {
    "enter": HexColor("#2F6B4F"),
    "cart": HexColor("#B4532A"),
    "locker": HexColor("#3C5A86"),
    "screen": HexColor("#7A4B86"),
    "shelf": HexColor("#2F6B4F"),
    "coupon": HexColor("#7A4B86"),
    "badge": HexColor("#A23B55"),
}


class LabelCard(msgspec.Struct, frozen=True):
    """One label: what stands on it."""

    id: str
    purpose: str
    label: Wording
    zone: Wording
    url: str


def cards(settings: Settings, base: str | None, ids: Sequence[str], zone: str | None) -> list[LabelCard]:
    """The cards of the touchpoints `ids` (all where empty) in `zone` (all where None), by zone as in the settings.

    `base` is the address that phones reach; public_url of the settings where it is None.
    """
    codes = Codes(
        Vault.open(settings.gateway.data / "secrets" / "store.key").derive("codes"), settings.store.id, _look_up_nothing
    )
    address = (base or settings.gateway.public_url or f"http://localhost:{settings.gateway.http.port}").rstrip("/")
    names = {found.zone: found.name for found in settings.zones}
    order = list(names)
    return [
        LabelCard(
            id=found.touchpoint,
            purpose=found.purpose,
            label=Wording(found.label),
            zone=Wording(names[found.zone]),
            url=f"{address}/t/{codes.static(found.touchpoint)}",
        )
        for found in sorted(settings.touchpoints, key=lambda found: order.index(found.zone))
        if (not ids or found.touchpoint in ids) and zone in (None, found.zone)
    ]


def _look_up_nothing(_: str) -> None:
    """Making codes looks nothing up."""


def write(found: Sequence[LabelCard], settings: Settings, out: Path) -> int:
    """Write the PDF; the number of pages."""
    font, thin = fonts()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setTitle(f"{settings.store.name['en']}: QR codes")
    canvas.setAuthor(settings.store.name["en"])
    left = (A4[0] - COLUMNS * CARD_WIDTH) / 2
    top = A4[1] - (A4[1] - ROWS * CARD_HEIGHT) / 2
    for place, card in enumerate(found):
        column, row = place % COLUMNS, place // COLUMNS % ROWS
        if place and column == row == 0:
            canvas.showPage()
        _draw(canvas, card, settings, left + column * CARD_WIDTH, top - (row + 1) * CARD_HEIGHT, font, thin)
    canvas.save()
    out.write_bytes(buffer.getvalue())
    return int(canvas.getPageNumber()) - 1


def _draw(
    canvas: Canvas, card: LabelCard, settings: Settings, x: float, y: float, font: str, thin: str
) -> None:  # one card, its lower left corner at x, y
    large, small = (*settings.store.languages, settings.store.languages[0])[:2]
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.setDash(2, 2)
    canvas.rect(x, y, CARD_WIDTH, CARD_HEIGHT)
    canvas.setDash()
    band = 9 * mm
    accent = ACCENT.get(card.purpose, INK)  # of an extension's purpose
    canvas.setFillColor(accent)
    canvas.rect(x, y + CARD_HEIGHT - band, CARD_WIDTH, band, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#FFFFFF"))
    baseline = y + CARD_HEIGHT - band + 3 * mm
    _text(canvas, settings.store.name[large], font, 11, x + PADDING, baseline)
    canvas.setFont(thin, 9)
    canvas.drawRightString(
        x + CARD_WIDTH - PADDING, baseline, "  ".join(dict.fromkeys((card.zone[large], card.zone[small])))
    )
    _code(canvas, card.url, x + CARD_WIDTH - PADDING - QR + 2 * mm, y + 9 * mm)
    width = CARD_WIDTH - QR - 2 * PADDING
    column, line = x + PADDING, y + CARD_HEIGHT - band - 10 * mm
    canvas.setFillColor(INK)
    _text(canvas, card.label[large], font, 15, column, line, width)
    if card.label[small] != card.label[large]:
        _text(canvas, card.label[small], thin, 10, column, line - 6 * mm, width)
    canvas.setFillColor(accent)
    what = f"card.{card.purpose}"
    if has(what):
        _text(canvas, say(large, what), font, 10, column, line - 18 * mm, width)
        if small != large:
            _text(canvas, say(small, what), thin, 9, column, line - 23 * mm, width)
    canvas.setFillColor(FAINT)
    _text(canvas, card.id, thin, 8, column, y + 10 * mm, width)
    _text(canvas, card.url.partition("://")[2], thin, 7, column, y + 5 * mm, CARD_WIDTH - 2 * PADDING)


def _text(
    canvas: Canvas, text: str, font: str, size: float, x: float, y: float, width: float | None = None
) -> None:  # shrunk until it fits `width`
    needed = pdfmetrics.stringWidth(text, font, size)
    if width is not None and needed > width:
        size *= width / needed
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


def _code(canvas: Canvas, url: str, x: float, y: float) -> None:
    """The QR code as vectors: one rectangle for each run of dark modules, sharp on any printer."""
    matrix = segno.make(url, error="m", micro=False, boost_error=True).matrix
    module = QR / (len(matrix) + 2 * QUIET)
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.rect(x, y, QR, QR, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#000000"))
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        line = y + QR - (row + QUIET + 1) * module
        start = 0
        while start < len(modules):
            end = start
            while end < len(modules) and modules[end]:
                end += 1
            if end > start:
                path.rect(x + (start + QUIET) * module, line, (end - start) * module, module)
            start = end + 1
    canvas.drawPath(path, stroke=0, fill=1)
