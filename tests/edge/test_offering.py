"""What a shelf card shows: the coupons for what stands there, however they name it, and in whose words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import CouponWall, desired_body, encode_desired
from edge.domain.campaigns.decisions import activate
from edge.domain.coupons import queries as coupon_queries
from edge.domain.nouns import NOUNS
from edge.gateway.offering import Offering
from edge.gateway.playing import ROOM, fitting
from edge.journal.journal import Journal
from edge.products.build import build
from edge.products.product import Product
from edge.products.version import Version
from edge.settings import store_time
from edge.web.views.wallet import names
from pricing.campaigns import Bundle, Campaign, Condition, Gift, Off, Part, Selector
from tests.kiosk_ui.bodies import make_body, make_coupon
from words.languages import Language

if TYPE_CHECKING:
    from pathlib import Path

    from pricing.campaigns import Benefit

MILK, BREAD, BAG = "09521101500219", "09521101500417", "09521101500837"
MANY = tuple(Product(f"952110160{number:04}0", {"en": f"Good {number}"}, 500, category="more") for number in range(90))
GOODS = (
    *MANY,
    Product(MILK, {"en": "Milk"}, 1290, category="dairy", brand={"en": "Meadow", "zh-CN": "草地"}),
    Product(BREAD, {"en": "Bread"}, 890, category="bakery"),
    Product(BAG, {"en": "Bag"}, 990, category="bags"),
)
SET = Bundle(1800, (Part(Selector(categories=("dairy",))), Part(Selector(products=(BREAD,)))))


def coupon(name: str, benefit: Benefit, goods: Selector = Selector()) -> Campaign:  # noqa: B008 - frozen
    return Campaign(id=name, benefit=benefit, when=Condition(goods=goods), claim=True, words={"en": name})


@pytest.fixture
def products(tmp_path: Path) -> Any:
    return SimpleNamespace(current=Version(build(tmp_path / "goods", enumerate(GOODS, 1)).path))


async def test_a_shelf_shows_what_names_its_goods_by_brand_or_as_a_part(tmp_path: Path, products: Any) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    campaigns = (
        coupon("brand", Off(200), Selector(brands=("草地",))),
        coupon("set", SET),
        coupon("other", Off(200), Selector(products=(BAG,))),
        coupon("gift", Gift(Selector(products=(BAG,))), Selector(products=(BREAD,))),
    )
    try:
        await journal.write(activate, campaigns=campaigns, by="settings")
        layout: Any = SimpleNamespace(store=SimpleNamespace(zone=store_time.info("Asia/Shanghai")))
        offering = Offering(journal.reads, products, layout)
        assert [found.coupon for found, _ in offering.for_products([MILK], "dairy")] == ["brand", "set"]
        assert [found.coupon for found, _ in offering.for_products([BREAD], "dairy")] == ["gift", "set"]
        unknown: Any = SimpleNamespace(current=None)
        believed = Offering(journal.reads, unknown, layout).on_offer()
        assert [worth.exact for _, worth in believed] == [False] * len(campaigns)  # no amount of it is said
        web: Any = SimpleNamespace(products=products)
        known = [each.campaign for name in ("set", "gift") if (each := coupon_queries.coupon(journal.reads, name))]
        called = {found for each in known if each for found in names(web, each, Language("en")).values()}
        assert called == {"Bread", "Bag", "dairy"}
    finally:
        journal.close()


def wall(words: str) -> CouponWall:
    coupons = [make_coupon(at % 7, id=f"c{at}", subtitle={"en": words}) for at in range(60)]
    found = desired_body("screen", make_body(coupons))
    assert isinstance(found, CouponWall)
    return found


def test_a_screen_is_told_as_many_offers_as_a_message_holds() -> None:
    short, long = wall("short"), wall("word " * 300)
    assert fitting(short) == short
    told = fitting(long)
    assert len(encode_desired(told)) <= ROOM < len(encode_desired(long))
    assert told.coupons == long.coupons[: len(told.coupons)] != ()
