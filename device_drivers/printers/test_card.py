"""A page that shows what a printer can do, and says beside each sample what is to be seen. Whoever sets a printer up
prints it once and reads from it which setting is wrong.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from device_drivers.contract.documents import (
    Barcode,
    Cell,
    Columns,
    Document,
    Feed,
    Item,
    Logo,
    Qr,
    Rule,
    Text,
    Total,
    Totals,
)
from device_drivers.printers.escpos import Settings, paper_of
from words.sentences import section

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_card(settings: Settings, language: str) -> Document:
    """The page for a printer with these settings."""
    words = section(language, "test_card")
    paper = paper_of(settings)
    digits = "".join(str(place % 10) for place in range(1, paper.columns + 1))
    facts = (
        settings.url,
        f"{settings.paper} mm · {paper.dots} dots · {paper.columns} columns",
        f"profile={settings.profile}",
        f"cjk={settings.cjk} · code_page={settings.code_page}",
        f"cut={settings.cutter} · confirm={settings.confirm}",
    )
    lines: tuple[Item, ...] = (
        Text(words["title"], "center", bold=True, size=2),
        *(Text(fact, "center") for fact in facts),
        *_section(words["ruler"]),
        Text(digits),
        *_section(words["sizes"]),
        Columns((Cell(words["normal"]), Cell(words["right"]))),
        Text(words["bold"], bold=True),
        Text(words["large"], "center", size=2),
        *_section(words["chinese"]),
        Text("鲜汇生活 繁體 欢迎光临，谢谢惠顾！《￥12.50》“券”"),
        Text("龙行龘龘 喆 镕 薛 邠 暮㖞"),
        *_section(words["letters"]),
        Text("€ 12,50  £ 9.99  Ää Öö Üü ß é è ê ç ñ å ø ½ °"),
        *_section(words["table"]),
        *_table(words),
        *_section(words["picture"]),
        Logo(png=_picture(paper.dots)),
        *_section(words["codes"]),
        Qr("https://example.com/storekeeper/test-card"),
        Barcode("ean13", "6901234567892"),
        Barcode("code128", "SK-TEST-01"),
        Rule("double"),
        Text(words["end"], "center"),
        Feed(1),
    )
    return Document(lines, "zh-CN" if language == "zh-CN" else "en")


def _section(title: str) -> tuple[Item, ...]:
    return Rule("dashed"), Text(title)


def _table(words: Mapping[str, str]) -> tuple[Item, ...]:
    rows = ((words["milk"], "2", "25.80"), (words["bread"], "1", "9.90"))
    return (
        *(Columns((Cell(name), Cell(count, "right", 4), Cell(sum_, "right", 8))) for name, count, sum_ in rows),
        Totals((Total(words["total"], "￥35.70", strong=True),)),
    )


def _picture(dots: int) -> str:
    """A frame with a ramp of grey in it, as base64 PNG."""
    from PIL import Image, ImageDraw

    from device_drivers.printers.document_picture import as_png

    across, down = min(dots, 400), 72
    ramp = Image.new("L", (across, down))
    ramp.putdata([column * 255 // across for _ in range(down) for column in range(across)])
    picture = ramp.convert("1")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, across - 1, down - 1), outline=0, width=3)
    draw.line((0, 0, across - 1, down - 1), fill=0, width=2)
    draw.line((0, down - 1, across - 1, 0), fill=0, width=2)
    return base64.b64encode(as_png(picture)).decode("ascii")
