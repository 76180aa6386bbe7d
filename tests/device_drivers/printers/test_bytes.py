"""What is sent to a printer: small slips byte by byte, and any slip at all through the strict interpreter."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps

from device_drivers.contract.documents import BadDocument, parse
from device_drivers.printers.document_layout import lay_out
from device_drivers.printers.document_wrap import plain
from device_drivers.printers.escpos import Settings, paper_of, renderer_of
from device_drivers.printers.escpos_bytes import REAL_TIME, harmless
from tests.device_drivers.printers.interpreter import Interpreter, Slip, slips_of
from tests.device_drivers.printers.language import commands, take
from tests.device_drivers.printers.samples import COPY, SAMPLES, document

URL = "tcp://127.0.0.1:9100"
RENDERERS = {
    (paper, cjk): renderer_of(Settings(url=URL, paper=paper, cjk=cjk))
    for paper in (58, 80)
    for cjk in ("gb18030", "raster")
}


def rendered(raw: Any, **more: Any) -> bytes:
    printer = Settings(url=URL, **more)
    slip = renderer_of(printer).render(lay_out(parse(raw), paper_of(printer)))
    return slip.first + slip.last


def printed(raw: Any, **more: Any) -> Slip:
    printer = Settings(url=URL, **more)
    (slip,) = slips_of(rendered(raw, **more), paper_of(printer).dots, chinese=printer.cjk == "gb18030")
    return slip


def _body(text: str, **more: Any) -> bytes:
    """The bytes of one line of text, without the styles before it."""
    data = rendered({"language": "en", "lines": [{"kind": "text", "text": text}]}, **more)
    found = re.search(rb"\x1b2(.*?)\x0a", data, re.DOTALL)
    assert found
    return found[1]


# --- golden bytes ---

OPENING = b"\x1b@\x1c.\x1bt\x13"
CUT = b"\x1dVB\x10"


def test_a_line_of_ascii() -> None:
    data = rendered({"lines": [{"kind": "text", "text": "Hello"}]})
    assert data == OPENING + b"\x1d!\x00\x1bE\x00\x1ba\x00\x1dB\x00\x1b2Hello\n" + CUT


def test_a_large_bold_line_in_the_middle() -> None:
    data = rendered({"lines": [{"kind": "text", "text": "A07", "bold": True, "size": 2, "align": "center"}]})
    assert data == OPENING + b"\x1d!\x11\x1bE\x01\x1ba\x01\x1dB\x00\x1b3\x3cA07\n" + CUT


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("总计 12.50", b"\x1c&\xd7\xdc\xbc\xc6\x1c. 12.50"),
        ("￥12：，", b"\x1c&\xa3\xa4\x1c.12\x1c&\xa3\xba\xa3\xac\x1c."),
        ("€5 é ü", b"\xd55 \x82 \x81"),
        ("奶 é", b"\x1c&\xc4\xcc\x1c. \x82"),
        ("950\u00a0ml", b"950 ml"),
        ("\u22121,50", b"-1,50"),
    ],
)
def test_letters(text: str, data: bytes) -> None:
    assert _body(text) == data


def test_a_page_of_another_number() -> None:
    assert rendered({"lines": [{"kind": "feed"}]}, code_page_number=7).startswith(b"\x1b@\x1c.\x1bt\x07")


def test_a_western_printer_is_sent_no_chinese_commands() -> None:
    data = rendered({"lines": [{"kind": "text", "text": "奶 é"}, {"kind": "text", "text": "é"}]}, cjk="raster")
    assert b"\x1c" not in data.replace(b"\x1dv0", b"")[:40]
    assert b"\x1dv0\x00\x48\x00" in data
    assert data.endswith(b"\x1b2\x82\n" + CUT)


def test_codes() -> None:
    raw = {
        "lines": [
            {"kind": "qr", "data": "https://x", "size": 4},
            {"kind": "barcode", "symbology": "ean13", "data": "4006381333931"},
            {"kind": "barcode", "symbology": "code128", "data": "A{7"},
            {"kind": "barcode", "symbology": "code128", "data": "001042"},
        ]
    }
    names = [command for command in commands(rendered(raw)) if command.name in (b"\x1d(k", b"\x1dk")]
    qr = [b"1A2\x00", b"1C\x04", b"1E1", b"1P0https://x", b"1Q0"]
    bars = [b"C\x0d4006381333931", b"I\x06{BA{{7", b"I\x05{C\x00\x0a\x2a"]
    assert [command.data for command in names] == qr + bars


@pytest.mark.parametrize("number", ["162001", "00160412", "1605"])
def test_a_number_that_would_be_a_command_in_pairs_is_drawn(number: str) -> None:
    data = rendered({"lines": [{"kind": "barcode", "symbology": "code128", "data": number}]})
    assert not [command for command in REAL_TIME if command in data], "1620 in code set C is DLE DC4: the drawer"
    assert b"\x1dv0" in {command.name for command in commands(data)}


def test_the_drawer_opens_where_there_is_one() -> None:
    raw = {"lines": [{"kind": "drawer"}, {"kind": "text", "text": "x"}]}
    assert b"\x1bp" not in rendered(raw)
    assert b"\x1bp\x00" in rendered(raw, drawer=2)
    assert b"\x1bp\x01" in rendered(raw, drawer=5)
    assert b"\x1bp" not in rendered({**raw, "copy": {"en": "COPY"}}, drawer=2)


@pytest.mark.parametrize(("cutter", "end"), [("partial", CUT), ("full", b"\x1dVA\x10"), ("none", b"\x1b2\x1bd\x05")])
def test_the_end_of_the_paper(cutter: str, end: bytes) -> None:
    assert rendered({"lines": [{"kind": "text", "text": "x"}]}, cutter=cutter).endswith(end)


def test_a_profile_without_codes_gets_them_drawn() -> None:
    raw = {"lines": [{"kind": "qr", "data": "x"}, {"kind": "barcode", "symbology": "ean13", "data": "4006381333931"}]}
    names = {command.name for command in commands(rendered(raw, profile="POS-5890", paper=58, cutter="none"))}
    assert b"\x1dv0" in names
    assert not names & {b"\x1d(k", b"\x1dk"}


def test_no_picture_holds_a_command() -> None:
    assert harmless(b"\x00\x10\x04\x01\x10\x14\x10\x10\x05") == b"\x00\x18\x04\x01\x18\x14\x10\x18\x05"


def test_a_logo_by_name_and_one_that_is_missing(tmp_path: Any) -> None:
    Image.new("L", (80, 40)).save(tmp_path / "store.png")
    raw = {"lines": [{"kind": "logo", "name": "store"}, {"kind": "logo", "name": "gone"}]}
    ink = printed(raw, logos=str(tmp_path)).image().convert("L").histogram()[0]
    assert ink == 80 * 40


def _png_with_exif(picture: Image.Image, exif: bytes) -> str:
    out = io.BytesIO()
    picture.save(out, "PNG", exif=exif)
    return base64.b64encode(out.getvalue()).decode()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_logo_stands_as_its_exif_says(orientation: int) -> None:
    lying = Image.new("L", (48, 24), 255)
    lying.paste(0, (0, 0, 24, 8))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif_bytes = exif.tobytes()
    lying.info["exif"] = exif_bytes
    upright = ImageOps.exif_transpose(lying)
    wanted, found = (
        printed({"lines": [{"kind": "logo", "png": png}]}).image()
        for png in (_png_with_exif(upright, b""), _png_with_exif(lying, exif_bytes))
    )
    assert found.size == wanted.size
    assert found.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("exif", [b"II", b"II*\x00\xff\xff\xff\xff", b"MM\x00*\x00\x00\x00\x08\xff\xff" + b"\x01" * 40])
def test_a_damaged_exif_costs_no_slip(exif: bytes) -> None:
    png = _png_with_exif(Image.new("L", (80, 40)), exif)
    assert printed({"lines": [{"kind": "logo", "png": png}]}).image().convert("L").histogram()[0] == 80 * 40


def test_a_broken_logo_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (8, 8)).save(out, "PNG")
    png = base64.b64encode(out.getvalue()[:40]).decode()
    with pytest.raises(BadDocument, match="not a picture"):
        rendered({"lines": [{"kind": "logo", "png": png}]})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"profile": "TM-T1000"}, "TM-T88V"),
        ({"code_page": "cp999"}, "cp999"),
        ({"code_page": "cp1251", "profile": "POS-5890", "code_page_number": None}, None),
        ({"code_page": "koi8-r"}, "code page"),
        ({"cjk": "raster", "font": "/no/such/font.ttf"}, "resource|font"),
    ],
)
def test_settings_that_cannot_work_say_so(more: dict[str, Any], says: str | None) -> None:
    if says is None:
        renderer_of(Settings(url=URL, **more))
        return
    with pytest.raises((ValueError, OSError, LookupError), match=says):
        renderer_of(Settings(url=URL, **more))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_reference_waits_for_the_rest_of_a_command(name: str) -> None:
    """The emulator gets its bytes in pieces: no beginning of a slip may be taken for something else."""
    data = rendered(document(name, "zh-CN", copy=COPY), confirm="process_id")
    whole, at = commands(data), 0
    for command in whole:
        taken = take(data[at:])
        assert taken
        assert taken[0] == command
        if command.name:
            assert [take(data[at : at + size]) for size in range(taken[1])] == [None] * taken[1]
        at += taken[1]


# --- any slip ---

LETTERS = st.text(st.sampled_from("abcXYZ 0123 .,:;!?-é€ü·￥，。（）鲜汇生活龘牛奶储物柜ЖΩ“”—…’"), max_size=60)
STYLES = {
    "align": st.sampled_from(["left", "center", "right"]),
    "bold": st.booleans(),
    "size": st.sampled_from([1, 2]),
}
CELL = st.fixed_dictionaries({"text": LETTERS, "width": st.none() | st.integers(2, 20)})
TOTAL = st.fixed_dictionaries({"label": LETTERS, "amount": LETTERS, "strong": st.booleans()})
QR = st.text(st.sampled_from("aZ9/é汇"), min_size=1, max_size=60)
CODE_128 = st.text(st.sampled_from("A{7-"), min_size=1, max_size=12)
LINES = st.one_of(
    st.fixed_dictionaries({"kind": st.just("text"), "text": LETTERS, **STYLES}),
    st.fixed_dictionaries({"kind": st.just("columns"), "cells": st.lists(CELL, min_size=1, max_size=4)}),
    st.fixed_dictionaries({"kind": st.just("totals"), "rows": st.lists(TOTAL, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"kind": st.just("qr"), "data": QR}),
    st.fixed_dictionaries({"kind": st.just("barcode"), "symbology": st.just("code128"), "data": CODE_128}),
    st.sampled_from([{"kind": "rule"}, {"kind": "feed", "lines": 2}, {"kind": "cut"}, {"kind": "drawer"}]),
)
DOCUMENTS = st.fixed_dictionaries(
    {"language": st.sampled_from(["zh-CN", "en"]), "lines": st.lists(LINES, min_size=1, max_size=8)},
    optional={"copy": st.just({"zh-CN": "副本", "en": "COPY"})},
)


def _said(raw: dict[str, Any]) -> str:
    """Every letter that a reader must find, sorted."""
    texts: list[str] = []
    for line in raw["lines"]:
        texts += [line["text"]] if "text" in line else []
        texts += [cell["text"] for cell in line.get("cells", [])]
        texts += [row[part] for row in line.get("rows", []) for part in ("label", "amount")]
        texts += [line["data"]] if line["kind"] == "barcode" else []
    return _sorted("".join(plain(text) for text in texts))


def _sorted(text: str) -> str:
    return "".join(sorted(text.replace(" ", "")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, st.sampled_from([58, 80]))
def test_any_document_is_understood_and_says_everything(raw: dict[str, Any], paper: int) -> None:
    printer = Settings(url=URL, paper=paper)
    slip = RENDERERS[paper, "gb18030"].render(lay_out(parse(raw), paper_of(printer)))
    # Greek and Cyrillic are in GB18030, and nothing else here is drawn: each letter must be found as text.
    interpreter = Interpreter(paper_of(printer).dots)
    slips = interpreter.run(commands(slip.first + slip.last))
    lines = [line for each in slips for line in each.lines if "COPY" not in line]
    assert _sorted("".join(lines)) == _said(raw)
    assert interpreter.drawer == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, st.sampled_from([58, 80]))
def test_any_document_is_understood_where_chinese_is_drawn(raw: dict[str, Any], paper: int) -> None:
    printer = Settings(url=URL, paper=paper, cjk="raster")
    slip = RENDERERS[paper, "raster"].render(lay_out(parse(raw), paper_of(printer)))
    slips_of(slip.first + slip.last, paper_of(printer).dots, chinese=False)
