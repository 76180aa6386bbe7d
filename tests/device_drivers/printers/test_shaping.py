"""Whatever a name holds, a slip stays readable: shaped, drawn or left out, and never over its neighbour."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from device_drivers.contract.documents import parse
from device_drivers.printers.document_layout import DOTS_PER_COLUMN, TextLine
from device_drivers.printers.document_picture import GLYPH, LEADING, WHITE, Pen, chinese_font
from device_drivers.printers.document_shaping import Fonts, parts
from device_drivers.printers.document_wrap import plain, width, wrap
from device_drivers.printers.escpos import Settings
from tests.conftest import missing
from tests.device_drivers.printers.pictures import printed
from words.line_breaks import clusters

DOTS = 576


@pytest.fixture(scope="module")
def pen() -> Pen:
    return Pen()


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("🍎苹果🍏", "苹果"),
        ("牛奶 🥛 950ml", "牛奶 950ml"),
        ("👨\u200d👩\u200d👧\u200d👦 Family", "Family"),
        ("1️⃣ 号", "1 号"),
        ("🇨🇳", "*"),
        ("👍🏽❤️", "❤"),
        ("🏴\U000e0067\U000e0062\U000e007f GB", "GB"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("\u202eevil\u202c", "evil"),
        ("x\ue000y", "xy"),
        ("o" + "\u0301" * 40, "ó" + "\u0301" * 3),
        ("नमस्\u200dते", "नमस्\u200dते"),
        ("a\u200db", "ab"),
    ],
)
def test_what_no_printer_has_is_left_out(name: str, printed: str) -> None:
    assert plain(name) == printed
    assert plain(printed) == printed
    assert wrap(name, 48) == [printed]


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("حليب كامل", ["حليب كامل"]),
        ("Milk حليب كامل 2", ["M", "i", "l", "k", " ", "حليب كامل", " ", "2"]),
        ("นม สด", ["นม สด"]),
        ("牛奶", ["牛", "奶"]),
        ("حليب كامل 950 مل", ["حليب كامل 950 مل"]),
        ("  20 חלב (3%)", ["20 חלב (3%)"]),
        ("Milk حليب 950 مل 2", ["M", "i", "l", "k", " ", "حليب 950 مل", " ", "2"]),
        ("حليب 牛", ["حليب", " ", "牛"]),
        ("שלום นม", ["שלום", " ", "นม"]),
        ("Tea שלום นม", ["T", "e", "a", " ", "שלום", " ", "นม"]),
    ],
)
def test_words_of_one_script_are_shaped_together(name: str, runs: list[str]) -> None:
    found = parts(name)
    assert [part.text for part in found] == runs
    assert all(part.column + part.columns <= width(name) for part in found)


@pytest.mark.parametrize("name", ["حليب", "นมสด", "שלום", "दूध"])
def test_letters_that_change_with_their_neighbours_do(pen: Pen, name: str) -> None:
    """Shaped, it is neither the letters one by one nor boxes."""
    if Fonts(*chinese_font(), GLYPH).of(name) is None:
        missing("a font with that script (fonts-freefont-ttf)")
    whole = pen.line(TextLine(name), DOTS)
    apart = Image.new("1", whole.size, WHITE)
    for place, letter in enumerate(name):
        box = (place * DOTS_PER_COLUMN, 0)
        apart.paste(pen.line(TextLine(letter), DOTS).crop((0, 0, DOTS_PER_COLUMN, LEADING)), box)
    assert ImageChops.difference(whole.convert("L"), apart.convert("L")).getbbox() is not None
    assert whole.convert("L").point(lambda value: 255 - value).getbbox() is not None


@pytest.mark.parametrize("letter", "żćśźńőęόάύ")
def test_an_accent_stands_on_its_letter(pen: Pen, letter: str) -> None:
    """The first font lacks some of them, and has their accent."""
    ink = pen.line(TextLine(letter), DOTS).convert("L").point(lambda value: 255 - value)
    whole = ink.getbbox()
    assert whole is not None
    line = 3 + GLYPH // 2
    body = ink.crop((0, line, DOTS, LEADING)).getbbox()
    assert body is not None
    assert whole[0] >= body[0] - 3, letter
    assert whole[2] <= body[2] + 3, letter


NAMES = [
    "حليب كامل الدسم 950 مل", "חלב 3% (תנובה)", "นมสดพาสเจอร์ไรส์ น้ำปลาร้า", "दूध अमूल ताज़ा 500 मिली",
    "牛乳 ぎゅうにゅう ﾐﾙｸ か\u3099", "👩\u200d👧🍎 苹果", "x\u0302\u0331 m\u0303", "﷽ ﷺ", "ကျောက်စိမ်း ខ្មែរ",
    "ไข่ไก่ 牛奶 حليب mixed שלום 12 kg", "حليب" * 40, "W" * 90,
]  # fmt: skip


@pytest.mark.parametrize("paper", [58, 80])
@pytest.mark.parametrize("name", NAMES)
def test_on_paper_what_stands_beside_a_name_is_as_it_is_beside_another(name: str, paper: int) -> None:
    """By the driver's own bytes: the first line of a row, from where its count begins."""
    settings = Settings(url="tcp://127.0.0.1:9100", paper=paper)

    def row(name: str) -> Image.Image:
        cells = [{"text": name}, {"text": "2 x", "width": 5}, {"text": "12.80", "width": 8, "align": "right"}]
        slip = printed(settings, parse({"lines": [{"kind": "columns", "cells": cells}]}))
        return slip.crop((slip.width - 14 * DOTS_PER_COLUMN, 0, slip.width, LEADING))

    assert row(name).tobytes() in (row("ğ").tobytes(), row("a").tobytes())


def test_on_paper_words_from_right_to_left_stay_in_their_cell() -> None:
    settings = Settings(url="tcp://127.0.0.1:9100", paper=80)
    words = ["حليب", "شاي 2", "ğ"]

    def row(*texts: str) -> Image.Image:
        cells = [{"text": text, "width": 15} for text in texts]
        return printed(settings, parse({"lines": [{"kind": "columns", "cells": cells}]}))

    whole = row(*words)
    for place in range(len(words)):
        box = (place * 16 * DOTS_PER_COLUMN, 0, (place * 16 + 15) * DOTS_PER_COLUMN, LEADING)
        alone = row(*(word if at in (place, len(words) - 1) else "" for at, word in enumerate(words)))
        assert whole.crop(box).tobytes() == alone.crop(box).tobytes(), words[place]


ODD = st.text(
    st.one_of(
        st.sampled_from("مرحبا สวัสดี शक्ति 👩\u200d👧🇨🇳❤️ﷺ﷽꧁༄ ၏ ខ្មែរ\u0301\u0336\u035c\u200f牛Wé⚡"),
        st.characters(blacklist_categories=("Cs",), blacklist_characters="\n"),
    ),
    min_size=1,
    max_size=24,
)


@settings(max_examples=150, deadline=None)
@given(ODD, st.booleans(), st.sampled_from([1, 2]))
def test_a_name_never_lies_over_its_neighbour(pen: Pen, name: str, bold: bool, size: int) -> None:
    """What stands before and behind it looks as it does beside an empty place of the same width."""
    odd = wrap(name, 16)[0]
    assume(len(clusters(f"B{odd}")) > len(clusters(odd)))  # else it begins with an accent, which is the letter's before
    blank = " " * width(odd)
    drawn, alone = (pen.line(TextLine(f"AB{text}12", bold=bold, size=size), DOTS) for text in (odd, blank))
    step = DOTS_PER_COLUMN * size
    behind = (2 + width(odd)) * step
    for box in ((0, 0, 2 * step, drawn.height), (behind, 0, behind + 2 * step, drawn.height)):
        assert drawn.crop(box).tobytes() == alone.crop(box).tobytes(), (name, odd)
