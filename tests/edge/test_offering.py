"""What a shelf card shows: the coupons for what stands there, however they name it, and in whose words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import CouponWall, desired_body, encode_desired
from device_drivers.contract.playlists import Playlist, ProductItem
from edge.domain.campaigns.decisions import activate
from edge.domain.coupons import queries as coupon_queries
from edge.domain.layout import Store
from edge.domain.nouns import NOUNS
from edge.gateway.offering import Offering
from edge.gateway.screen_playlists import ROOM, ScreenPlaylists, within_message_size
from edge.journal.journal import Journal
from edge.products.build import build
from edge.products.product import Product, Promotion
from edge.products.version import Version
from edge.settings import store_time
from edge.settings.playlists import ConfiguredPlaylists
from edge.web.views.wallet import names
from pricing.campaigns import Bundle, Campaign, Condition, Gift, Off, Part, Selector
from tests.kiosk_ui.bodies import make_body, make_coupon
from words.languages import Language, Wording

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
        layout: Any = SimpleNamespace(store=SimpleNamespace(zone=store_time.zone_info("Asia/Shanghai")))
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
    assert within_message_size(short) == short
    told = within_message_size(long)
    assert len(encode_desired(told)) <= ROOM < len(encode_desired(long))
    assert told.coupons == long.coupons[: len(told.coupons)] != ()


def test_a_product_of_the_day_has_its_price_no_longer_than_that_holds(tmp_path: Path) -> None:
    """A screen that hears nothing more shows neither what begins later nor what has ended."""
    noon, hour = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 12 * 3_600_000, 3_600_000
    later = Promotion(price=990, from_ms=noon + hour, until_ms=noon + 2 * hour)
    goods = (Product(MILK, {"en": "Milk"}, 1290, promotion=later), Product(BREAD, {"en": "Bread"}, 890))
    found = Version(build(tmp_path / "goods", enumerate(goods, 1)).path)
    products: Any = SimpleNamespace(current=found, find=found.find)
    store = Store("s", Wording({"en": "S"}), "CNY", "CN", store_time.zone_info("UTC"), ("en",), "")
    layout: Any = SimpleNamespace(store=store, zones=(), touchpoint=lambda _: None, device=lambda _: None)
    items = (ProductItem(id="milk", gtins=(MILK,)), ProductItem(id="bread", gtins=(BREAD,)))

    def told(now_ms: int) -> dict[str, tuple[int | None, float]]:
        reads: Any = SimpleNamespace(now=now_ms)
        playing = ScreenPlaylists(reads, ConfiguredPlaylists(), products, layout, "http://s")
        whole = playing._goods([Playlist(id="day", items=items)], "screen-1", now_ms)
        return {good.gtin: (good.price, good.until.timestamp() * 1000 if good.until else 0) for good in whole}

    midnight = noon + 12 * hour
    assert told(noon) == {MILK: (1290, noon + hour), BREAD: (890, midnight)}
    assert told(noon + hour) == {MILK: (990, noon + 2 * hour), BREAD: (890, midnight)}
    assert told(noon + 2 * hour) == {MILK: (1290, midnight), BREAD: (890, midnight)}
