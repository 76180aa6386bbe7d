"""The sheet of codes as a printer gets it: every code is read back from the page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pypdfium2
import pytest
import zxingcpp

from edge.cli.qr_sheet import LabelCard, cards, write
from edge.domain.touchpoints.codes import Codes
from edge.secrets.vault import Vault
from edge.settings.settings import Settings, load

EXAMPLE = Path(__file__).parents[2] / "config"
DPI = 200
MM = 25.4


@pytest.fixture
def store(tmp_path: Path) -> Settings:
    settings = load(EXAMPLE)
    return settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": tmp_path})})


def pages(path: Path) -> list[zxingcpp.Barcode]:
    """Every code in the PDF, with its place in pixels at `DPI`."""
    document = pypdfium2.PdfDocument(path)
    found = []
    for page in document:
        image = page.render(scale=DPI / 72).to_pil().convert("L")
        found.extend(zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode))
    return found


def test_every_code_reads_and_means_its_touchpoint(store: Settings, tmp_path: Path) -> None:
    sheet = cards(store, "http://192.0.2.10:8080/", [], None)
    out = tmp_path / "codes.pdf"
    assert write(sheet, store, out) == 3
    codes = Codes(Vault.open(tmp_path / "secrets" / "store.key").derive("codes"), "s001", lambda _: None)
    expected = {f"http://192.0.2.10:8080/t/{codes.static(touchpoint.touchpoint)}" for touchpoint in store.touchpoints}
    assert {found.text for found in pages(out)} == expected


def test_codes_are_large_enough_for_any_phone(store: Settings, tmp_path: Path) -> None:
    out = tmp_path / "codes.pdf"
    write(cards(store, "https://store.example.com", ["cart-01", "badge-li"], None), store, out)
    found = pages(out)
    assert len(found) == 2
    for code in found:
        corners = code.position
        assert (corners.top_right.x - corners.top_left.x) / DPI * MM >= 30


def test_words_and_address_stand_in_clear(store: Settings, tmp_path: Path) -> None:
    out = tmp_path / "codes.pdf"
    (card,) = cards(store, "http://192.0.2.10:8080", ["shelf-baby"], None)
    write([card], store, out)
    text = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_range()
    for words in ("鲜汇生活", "母婴货架", "Mother & baby", "扫码查看本区好券", "shelf-baby"):
        assert words in text
    assert card.url.removeprefix("http://") in text


def test_one_zone_or_some_ids(store: Settings) -> None:
    assert {card.zone["en"] for card in cards(store, None, [], "baby")} == {"Mother & baby"}
    assert [card.id for card in cards(store, None, ["cart-02", "nothing"], None)] == ["cart-02"]
    assert isinstance(cards(store, None, [], None)[0], LabelCard)


def test_a_code_that_an_extension_brings_stands_on_the_sheet(store: Settings, tmp_path: Path) -> None:
    """Its purpose has no colour and no sentence here: there was no sheet at all."""
    (card,) = cards(store, "http://192.0.2.10:8080", ["shelf-baby"], None)
    out = tmp_path / "codes.pdf"
    assert write([msgspec.structs.replace(card, purpose="umbrella")], store, out) == 1
    assert [found.text for found in pages(out)] == [card.url]
