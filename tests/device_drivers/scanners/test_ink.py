"""Codes whose bars are too thin or too thick: what differs in the width of bars alone is never guessed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from device_drivers.scanners import engines, ink
from device_drivers.scanners.decode import decode, reads
from device_drivers.scanners.reads import checked
from device_drivers.scanners.views import whole
from device_drivers.scanners.watching import Watcher

TURNED = {
    "8023222032262": "8083882038868",
    "4902520242204": "4902580848804",
    "8000121310370": "8000781370370",
    "4902030187590": "4908030181590",
}
"""Codes of real products, and what libzbar0 made of photos of them."""


def picture(text: str, module: int = 3, thinner: float = 0.0, kind: str = "EAN13") -> NDArray[np.uint8]:
    """A code with bars thinner (or, below zero, thicker) by so many pixels, in poor light."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat[kind]).to_image(scale=module * 4)
    code = np.array(drawn)
    code = np.asarray(cv2.resize(code, (code.shape[1], 480), interpolation=cv2.INTER_NEAREST), np.uint8)
    code = np.pad(code, ((160, 160), (240, 240)), constant_values=255)
    if thinner:
        brush = np.ones((1, round(abs(thinner) * 4) | 1), np.uint8)
        code = np.asarray((cv2.dilate if thinner > 0 else cv2.erode)(code, brush), np.uint8)
    small = cv2.resize(code, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 0.5).astype(np.float32) * 0.6 + 20
    noise = np.random.default_rng(1).normal(0, 4, soft.shape)
    return np.clip(soft + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("thinner", [-2.2, -1.8, -1.4, -0.7, 0.0, 0.7, 1.4, 1.8, 2.2])
@pytest.mark.parametrize("text", TURNED)
def test_a_code_is_read_right_or_not_at_all(text: str, thinner: float) -> None:
    assert decode(picture(text, thinner=thinner)) in ([], [("ean13", text)])


@pytest.mark.parametrize("text", TURNED)
def test_a_code_in_order_is_read(text: str) -> None:
    assert decode(picture(text)) == [("ean13", text)]


@pytest.mark.parametrize("thinner", [-2.2, 0.0, 2.2])
@pytest.mark.parametrize("text", TURNED)
def test_a_film_of_a_code_announces_it_right_or_not_at_all(text: str, thinner: float) -> None:
    watcher, still = Watcher(), picture(text, thinner=thinner)
    seen = [code.read.text for n in range(20) for code in watcher.take(np.roll(still, 2 * n, 1), n / 15)]
    assert seen in ([], [text])


def test_a_upc_e_with_thick_bars_is_announced_right_or_not_at_all() -> None:
    watcher, still = Watcher(), picture("04579010", thinner=-1.4, kind="UPCE")
    seen = [code.read.text for n in range(20) for code in watcher.take(np.roll(still, 2 * n, 1), n / 15)]
    assert seen in ([], ["0045100007900"])


@pytest.mark.parametrize("bend", [0.7, 1.1])
@pytest.mark.parametrize("text", TURNED)
def test_the_ink_is_found_again_on_a_bottle(text: str, bend: float) -> None:
    flat = picture(text, module=4)
    middle = flat.shape[1] / 2
    across = np.linspace(-np.sin(bend), np.sin(bend), flat.shape[1])
    columns = np.tile((middle + middle * np.arcsin(across) / bend).astype(np.float32), (flat.shape[0], 1))
    rows = np.tile(np.arange(flat.shape[0], dtype=np.float32)[:, None], (1, flat.shape[1]))
    view = whole(np.asarray(cv2.remap(flat, columns, rows, cv2.INTER_LINEAR), np.uint8))
    read = next(read for read in engines.zxing(view, "") if read.text == text)
    assert ink.agrees(view, read) is True


@pytest.mark.parametrize("thinner", [-0.9, 0.0, 0.9])
@pytest.mark.parametrize("text", TURNED)
def test_the_ink_tells_a_code_from_its_twin(text: str, thinner: float) -> None:
    read = next(read for read in engines.zxing(whole(picture(text, module=4)), "") if read.text == text)
    view = whole(picture(text, module=4, thinner=thinner))
    assert ink.agrees(view, read) is True
    twin = type(read)("ean13", TURNED[text], b"", read.identifier, read.quad, "zbar")
    assert ink.agrees(view, twin) is False


def test_an_ean_8_is_held_to_its_ink_too() -> None:
    view = whole(picture("96385074", module=4, kind="EAN8"))
    read = next(read for read in engines.zxing(view, "") if read.format == "ean8")
    assert ink.agrees(view, read) is True


def test_where_nothing_is_the_ink_tells_nothing() -> None:
    blank = whole(np.full((200, 300), 200, np.uint8))
    view = whole(picture("8023222032262", module=4))
    read = engines.zxing(view, "")[0]
    assert ink.agrees(blank, read) is None
    assert ink.agrees(view, type(read)("code128", "8023222032262", b"", "]C0", read.quad, "zxing")) is None
    assert ink.agrees(view, type(read)("ean13", "8023222032262", b"", "]E0", (), "zxing")) is None


@given(st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_modules_are_those_of_another_writer(body: str) -> None:
    """zxing-cpp's writer draws the same bars."""
    text = next(body + digit for digit in "0123456789" if checked(body + digit))
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.EAN13).to_image(scale=1)
    row = np.array(drawn)[3] < 128
    inked = np.flatnonzero(row)
    assert ink.modules(text).astype(bool).tolist() == row[inked[0] : inked[-1] + 1].tolist()


@given(st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_a_twin_is_a_code_whose_twin_it_is(body: str) -> None:
    text = next(body + digit for digit in "0123456789" if checked(body + digit))
    for twin in ink.twins(text):
        assert checked(twin)
        assert twin != text
        assert twin[0] == text[0]
        assert all(
            one == other or {one, other} in ({"1", "7"}, {"2", "8"}) for one, other in zip(text, twin, strict=True)
        )


def test_a_databar_expanded_holds_element_strings_alone() -> None:
    assert engines._begins_with_an_ai("0109501101530003")
    assert engines._begins_with_an_ai("101098>1234")
    assert not engines._begins_with_an_ai("281972\x1d27\x1d0857")


def test_nothing_is_no_code() -> None:
    assert reads(np.full((100, 100), 255, np.uint8)) == []
