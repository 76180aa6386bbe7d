"""Other people's readers read the slips: zxing-cpp the codes, tesseract the lines."""

from __future__ import annotations

import io
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from PIL import Image

from device_drivers.contract.documents import parse
from device_drivers.printers.document_layout import PAPERS, TextLine, lay_out
from device_drivers.printers.escpos import Settings
from device_drivers.printers.preview import preview
from device_drivers.printers.test_card import test_card as card
from tests.device_drivers.printers.pictures import on_grey, printed
from tests.device_drivers.printers.samples import COPY, SAMPLES, document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "tcp://127.0.0.1:9100"
WAYS = [(paper, cjk) for paper in (58, 80) for cjk in ("gb18030", "raster")]
LANGUAGES = ("zh-CN", "en")


def _codes(raw: dict[str, Any]) -> set[str]:
    return {line["data"] for line in raw["lines"] if line["kind"] in ("qr", "barcode")}


def _read(picture: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(on_grey([picture]))}


@pytest.mark.parametrize(("paper", "cjk"), WAYS)
@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "closing"])
def test_codes_can_be_scanned(name: str, paper: int, cjk: str) -> None:
    raw = document(name, "zh-CN")
    assert _codes(raw)
    assert _read(printed(Settings(url=URL, paper=paper, cjk=cjk), parse(raw))) == _codes(raw)


@pytest.mark.parametrize("profile", ["default", "POS-5890"])
@pytest.mark.parametrize("data", ["x", "https://s.example/t/K7QX4M9T2B?from=券", "9" * 200, "汇" * 60])
def test_qr_codes_of_any_length_can_be_scanned_native_and_drawn(profile: str, data: str) -> None:
    settings = Settings(url=URL, paper=58, profile=profile, cutter="none")
    slip = parse({"lines": [{"kind": "qr", "data": data, "size": 8}]})
    assert _read(printed(settings, slip)) == {data}


@pytest.mark.parametrize("profile", ["default", "POS-5890"])
@pytest.mark.parametrize("data", ["A", "LOCKER-A-07", "0010428899", "a{b}~ 7", "31415"])
def test_code_128_can_be_scanned_native_and_drawn(profile: str, data: str) -> None:
    settings = Settings(url=URL, profile=profile if profile == "default" else "NT-80-V-UL")
    slip = parse({"lines": [{"kind": "barcode", "symbology": "code128", "data": data}]})
    assert _read(printed(settings, slip)) == {data}


def _letters(text: str) -> str:
    """What tesseract and the slip must agree on: letters, digits and Chinese; spaces and fine print differ."""
    return re.sub(r"[^0-9A-Za-z\u4e00-\u9fff.]", "", text)


def _tesseract(picture: Image.Image, folder: Path, languages: str) -> str:
    path = folder / "slip.png"
    on_grey([picture]).point(lambda value: 255 if value > 150 else value).save(path)
    command = ["tesseract", str(path), "-", "-l", languages, "--psm", "4"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


WORDS = {
    ("locker", "zh-CN"): ["储物柜取件", "482915", "2026", "22:00"],
    ("locker", "en"): ["Locker slip", "Collect code", "482915", "Free until"],
    ("receipt", "zh-CN"): ["南京西路", "全麦吐司", "25.80", "92.98", "微信支付", "谢谢光临"],
    ("receipt", "en"): ["Nanjing Road West", "Subtotal", "25.80", "92.98", "Thank you"],
    ("closing", "zh-CN"): ["日结报告", "购物车开锁", "212", "优惠券领取"],
    ("closing", "en"): ["Closing report", "Carts unlocked", "212", "Signature"],
}


@pytest.mark.parametrize(("name", "language"), WORDS)
@pytest.mark.parametrize("paper", [58, 80])
def test_lines_can_be_read(
    name: str, language: str, paper: int, tmp_path: Path, require: Callable[[str], None]
) -> None:
    require("tesseract")
    picture = printed(Settings(url=URL, paper=paper), parse(document(name, language)))
    found = _letters(_tesseract(picture, tmp_path, "chi_sim+eng" if language == "zh-CN" else "eng"))
    missing = [word for word in WORDS[name, language] if _letters(word) not in found]
    assert not missing, found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("paper", "cjk"), WAYS)
def test_the_test_card_prints(language: str, paper: int, cjk: str) -> None:
    settings = Settings(url=URL, paper=paper, cjk=cjk)
    picture = printed(settings, card(settings, language))
    assert _read(picture) == {"https://example.com/storekeeper/test-card", "6901234567892", "SK-TEST-01"}


@pytest.mark.parametrize("paper", [58, 80])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_preview_shows_the_same_slip(name: str, paper: int) -> None:
    slip = parse(document(name, "zh-CN", copy=COPY))
    picture = Image.open(io.BytesIO(preview(slip, paper)))
    assert picture.mode == "1"
    assert {found.text for found in zxingcpp.read_barcodes(picture.convert("L"))} == _codes(document(name, "zh-CN"))
    rows = [item for item in lay_out(slip, PAPERS[paper]) if isinstance(item, TextLine)]
    assert picture.height > 34 * len(rows)
