"""A product beside its other sizes and its kind, by what a unit costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.products.build import build
from edge.products.comparison import compared
from edge.products.product import Product, Size
from edge.products.version import Version
from gs1.trade import check_digit

if TYPE_CHECKING:
    from pathlib import Path

FRESH, LONG_LIFE = {"en": "Fresh milk"}, {"en": "Long-life milk"}


def milk(number: int, name: dict[str, str], price: int, litres: float, brand: str = "Meadow") -> Product:
    bare = f"{952110150000 + number:013d}"
    gtin = f"{bare}{check_digit(bare)}"
    return Product(gtin, name, price, size=Size(str(litres), "l"), category="milk", brand={"en": brand})


def test_other_sizes_come_before_what_is_only_cheaper(tmp_path: Path) -> None:
    goods = (
        milk(1, FRESH, 200, 1),
        milk(2, FRESH, 360, 2),
        milk(3, FRESH, 130, 0.5),
        milk(4, LONG_LIFE, 90, 1),
        milk(5, FRESH, 100, 1, brand="Other"),
        milk(6, FRESH, 190, 1),  # the same size again is no other size
    )
    version = Version(build(tmp_path, enumerate(goods, 1)).path)
    own = version.find(goods[0].gtin)
    assert own is not None
    found = compared(version, own, 0, 3)
    assert [(each.product.gtin[-3:-1], each.own, each.size, each.less) for each in found] == [
        ("04", False, False, 55),
        ("02", False, True, 10),
        ("01", True, False, 0),
        ("03", False, True, -30),
    ]
    assert compared(version, own, 0, 1)[0].size
