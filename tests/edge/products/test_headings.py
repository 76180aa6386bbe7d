"""What tills and spreadsheets call their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.products.columns import field_of, priced_per
from edge.products.mistakes import BadFile
from edge.products.product import Product
from edge.products.version import Version
from tests.edge.products.conftest import MILK

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.products.importing import ImportResult

    Take = Callable[..., ImportResult]


def taken(take: Take, text: str) -> Product:
    """The one product of a table."""
    outcome = take(text, name="x.csv")
    assert outcome.built
    [product] = Version(outcome.built.path).sample(9)
    return product


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("售价元", "price"),
        ("价格￥", "price"),
        ("统一零售价（元）", "price"),
        ("门店价", "price"),
        ("销售单价", "price"),
        ("Verkaufspreis inkl. MwSt.", "price"),
        ("Preis in €", "price"),
        ("Bruttopreis €", "price"),
        ("Ladenpreis", "price"),
        ("Regular price", "price"),
        ("Price including VAT", "price"),
        ("产品条形码(69码)", "gtin"),
        ("Barcode No.", "gtin"),
        ("Artikelbez.", "name"),
        ("名称(英文)", "name_en"),
        ("商品名称-中文", "name_zh"),
        ("英文商品名称", "name_en"),
        ("Bezeichnung englisch", "name_en"),
        ("Kategorie (deutsch)", "category_de"),
        ("产地（英文）", "origin_en"),
        ("原价元", ""),
        ("会员价元", ""),
        ("EK €", ""),
        ("Preis exkl. MwSt.", ""),
        ("建议零售价", ""),
        ("售价(千元)", ""),
        ("Bezeichnungen", ""),
    ],
)
def test_a_column_is_known_by_what_tills_call_it(heading: str, field: str) -> None:
    assert field_of(heading) == field


@pytest.mark.parametrize("unit", ["(元/公斤)", "（元/kg）", "(公斤)", "(元/千克)", "/kg", "[元/KG]"])
def test_a_price_for_a_kilogram_is_not_that_of_a_piece(take: Take, unit: str) -> None:
    product = taken(take, f"条码,品名,售价{unit}\n{MILK},番茄,12.90\n")
    assert (product.price, product.sold_by) == (1290, "kg")


def test_a_unit_of_its_own_is_before_that_of_the_heading(take: Take) -> None:
    piece = taken(take, f"条码,品名,售价(元/公斤),单位\n{MILK},奶,12.90,瓶\n")
    assert (piece.price, piece.sold_by) == (1290, "piece")
    none = taken(take, f"条码,品名,售价(元/公斤),单位\n{MILK},番茄,12.90,\n")
    assert (none.price, none.sold_by) == (1290, "kg")


def test_a_price_for_a_kilogram_in_json(take: Take) -> None:
    outcome = take([{"条码": MILK, "品名": "番茄", "售价(元/公斤)": "12.90"}])
    assert outcome.built
    [product] = Version(outcome.built.path).sample(9)
    assert (product.price, product.sold_by) == (1290, "kg")


def test_a_price_for_comparison_stands_beside_the_price(take: Take) -> None:
    product = taken(take, f"条码,品名,售价,售价(元/公斤)\n{MILK},奶,12.90,25.80\n")
    assert (product.price, product.sold_by) == (1290, "piece")


@pytest.mark.parametrize("heading", ["Price USD", "Preis in €", "Price (USD/kg)", "价格（USD）"])
def test_another_currency_is_refused_wherever_it_stands(take: Take, heading: str) -> None:
    with pytest.raises(BadFile, match="expected prices in CNY"):
        take(f"条码,品名,{heading}\n{MILK},奶,12.90\n", name="x.csv")


def test_names_in_two_languages_do_not_collide(take: Take) -> None:
    product = taken(take, f"条码,名称(中文),名称(英文),售价\n{MILK},鲜牛奶,Fresh milk,12.90\n")
    assert product.name == {"zh-CN": "鲜牛奶", "en": "Fresh milk"}


def test_what_a_price_is_for() -> None:
    assert [priced_per(word) for word in ("售价(元/公斤)", "Price/kg", "售价(元)", "单价/元", "品名")] == [
        "公斤",
        "kg",
        "",
        "",
        "",
    ]
