"""Draws the slips of the manual from the driver's own bytes: `python -m tests.device_drivers.printers.pictures`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from device_drivers.contract.documents import Document, parse
from device_drivers.printers.document_layout import lay_out
from device_drivers.printers.escpos import Settings, paper_of, renderer_of
from device_drivers.printers.test_card import test_card
from tests.device_drivers.printers.interpreter import slips_of
from tests.device_drivers.printers.samples import COPY, SAMPLES, document

FOLDER = Path(__file__).parents[3] / "docs" / "img"
GREY = 214
PAPER = {"locker": 58, "coupon": 58, "pick-list": 80, "receipt": 80, "closing": 80, "copy": 58}


def printed(settings: Settings, slip: Document) -> Image.Image:
    """What a printer with these settings puts on paper."""
    paper = paper_of(settings)
    data = renderer_of(settings).render(lay_out(slip, paper))
    (out,) = slips_of(data.first + data.last, paper.dots, chinese=settings.cjk == "gb18030")
    return out.image()


def on_grey(slips: list[Image.Image]) -> Image.Image:
    """Slips beside each other, as they lie on a counter."""
    margin, air = 30, 40
    height = max(slip.height for slip in slips) + 24
    whole = Image.new("L", (sum(slip.width + 2 * margin + air for slip in slips) + air, height + 2 * air), GREY)
    left = air
    for slip in slips:
        paper = Image.new("L", (slip.width + 2 * margin, slip.height + 24), 255)
        paper.paste(slip.convert("L"), (margin, 24))
        whole.paste(paper, (left, air))
        left += paper.width + air
    return whole


def main() -> None:
    """Writes docs/img/slip-*.png."""
    for name, width in PAPER.items():
        settings = Settings(url="tcp://192.168.1.50:9100", paper=width)
        more = {"copy": COPY} if name == "copy" else {}
        kind = "locker" if name == "copy" else name
        assert kind in SAMPLES
        slips = [printed(settings, parse(document(kind, language, **more))) for language in ("zh-CN", "en")]
        _write(name, slips)
    cards = [
        printed(settings, test_card(settings, language))
        for settings, language in (
            (Settings(url="tcp://192.168.1.50:9100", paper=58), "zh-CN"),
            (Settings(url="serial:///dev/ttyUSB0?baud=19200", cjk="raster"), "en"),
        )
    ]
    _write("test-card", cards)


def _write(name: str, slips: list[Image.Image]) -> None:
    picture = on_grey(slips).quantize(4)
    picture.save(FOLDER / f"slip-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
