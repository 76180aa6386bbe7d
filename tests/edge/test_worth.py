"""What a coupon gives beyond the shelf price: nothing is shown that gives nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.coupons.rules import Coupon, CouponDisplay, Worth
from edge.domain.screens import _wall_coupon
from edge.gateway.campaign_example import Shelf, example
from edge.products.build import build
from edge.products.product import Product, Promotion
from edge.products.version import Version
from edge.products.worth import worth
from pricing.basket import Place
from pricing.campaigns import Bundle, Campaign, Condition, Gift, Nth, Off, Part, Percent, Price, Selector
from words.languages import Wording

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_790_000_000_000
MILK, YOGHURT, BREAD, TEA, GIFT, APPLES = (
    f"0952110150{number}" for number in ("0219", "0226", "0417", "0615", "0837", "0912")
)
GOODS = (
    Product(MILK, {"en": "Milk"}, 1980, category="dairy", promotion=Promotion(price=1290)),
    Product(YOGHURT, {"en": "Yoghurt"}, 650, category="dairy"),
    Product(BREAD, {"en": "Bread"}, 890, category="bakery"),
    Product(TEA, {"en": "Tea"}, 333, category="drinks", no_offers=True),
    Product(GIFT, {"en": "Bag"}, 990, category="bags"),
    Product(APPLES, {"en": "Apples"}, 800, sold_by="kg", category="fruit", brand={"en": "Orchard"}),
)
ONE, KILO, BREADS = (Selector(products=(each,)) for each in (MILK, APPLES, BREAD))


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    folder: Path = tmp_path_factory.mktemp("goods")
    return Version(build(folder, enumerate(GOODS, 1)).path)


def coupon(benefit: Any, goods: Selector = ONE, **when: Any) -> Campaign:
    return Campaign(id="c", benefit=benefit, when=Condition(goods=goods, **when), claim=True)


@pytest.mark.parametrize(
    ("campaign", "saves", "price"),
    [
        (coupon(Off(200)), 200, 1090),
        (coupon(Price(1290)), 0, 1290),  # the shelf says as much
        (coupon(Price(1500)), 0, 1290),
        (coupon(Price(990)), 300, 990),
        (coupon(Percent(1000)), 129, 1161),
        (coupon(Off(500), Selector(), min_spend=10_000), 500, None),
        (coupon(Nth(2, 5000), Selector(categories=("dairy",))), 645, None),
        (coupon(Gift(Selector(products=(GIFT,))), ONE), 990, None),
        (coupon(Gift(ONE), ONE), 1290, None),  # one bought, one free
        (coupon(Bundle(1800, (Part(ONE), Part(Selector(products=(BREAD,))))), Selector()), 380, None),
        (
            coupon(Bundle(3000, (Part(ONE), Part(Selector(products=(BREAD,))))), Selector()),
            0,
            None,
        ),  # dearer than apart
        (coupon(Price(100), Selector(products=(GIFT,)), spend_of=ONE, min_spend=5000), 890, None),
        (coupon(Off(100), Selector(products=(TEA,))), 0, 333),  # takes no offers
        (coupon(Nth(2, 5000), KILO), 400, None),  # of two bags
        (coupon(Off(300), KILO, min_qty=2), 300, None),
        (coupon(Off(300), KILO, min_spend=2000), 300, None),  # of three bags: no price of one
        (coupon(Price(600), KILO), 200, 600),
        (coupon(Off(200), ONE, levels=("gold",), zones=("elsewhere",), hours=("03:00-03:01",)), 200, 1090),
        (coupon(Off(200), Selector(products=("09521101599999",))), 0, None),  # not in this store
    ],
)
def test_it_is_what_the_price_of_a_basket_says(
    version: Version, campaign: Campaign, saves: int, price: int | None
) -> None:
    found = worth(campaign, version, (), Place(timezone="Asia/Shanghai"), NOW)
    assert (found.saves, found.price) == (saves, price)


def test_a_bundle_of_a_kind_with_one_of_it_has_an_example_and_is_worth_something(version: Version) -> None:
    dairy = Part(Selector(categories=("dairy",)))
    for parts in ((dairy, Part(ONE)), (Part(ONE), dairy)):
        campaign = coupon(Bundle(1500, parts), Selector())
        found = example(campaign, Shelf(version), now_ms=NOW, timezone="Asia/Shanghai", currency="CNY")
        assert found is not None
        assert (found.gives, found.quote.total) == (True, 1500)
        assert worth(campaign, version, (), Place(timezone="Asia/Shanghai"), NOW).saves == 1290 + 650 - 1500


def test_what_applies_by_itself_counts_as_the_shelf_s(version: Version) -> None:
    everybody = Campaign(id="a", benefit=Percent(2000), when=Condition(goods=ONE), group="milk")
    mine = Campaign(id="c", benefit=Percent(1000), when=Condition(goods=ONE), group="milk", claim=True)
    assert worth(mine, version, (everybody,), Place(timezone="Asia/Shanghai"), NOW).saves == 0
    assert worth(mine, version, (), Place(timezone="Asia/Shanghai"), NOW).saves == 129


def test_an_amount_off_is_said_also_where_it_takes_the_place_of_what_applies_by_itself(version: Version) -> None:
    day = Campaign(id="day", benefit=Percent(1000), group="store")
    mine = Campaign(id="c", benefit=Off(500), when=Condition(min_spend=3000), group="store", claim=True)
    found = worth(mine, version, (day,), Place(timezone="Asia/Shanghai"), NOW)
    assert (found.saves, found.exact) == (500, True)
    less = msgspec.structs.replace(mine, benefit=Off(100))
    assert worth(less, version, (day,), Place(timezone="Asia/Shanghai"), NOW).saves == 0


def test_a_figure_that_depends_on_the_goods_is_not_exact(version: Version) -> None:
    place, dairy = Place(timezone="Asia/Shanghai"), Selector(categories=("dairy",))
    assert worth(coupon(Off(200), dairy), version, (), place, NOW).exact
    assert not worth(coupon(Price(100), dairy), version, (), place, NOW).exact
    assert worth(coupon(Percent(1500), dairy), version, (), place, NOW).percent == 15
    assert worth(coupon(Percent(1250), dairy), version, (), place, NOW).percent == 12.5
    assert worth(coupon(Bundle(1800, (Part(ONE), Part(BREADS))), Selector()), version, (), place, NOW).exact
    assert not worth(coupon(Bundle(1800, (Part(dairy), Part(BREADS))), Selector()), version, (), place, NOW).exact
    assert worth(coupon(Gift(Selector(products=(GIFT,))), dairy), version, (), place, NOW).exact
    assert not worth(coupon(Gift(dairy), BREADS), version, (), place, NOW).exact
    assert not worth(coupon(Nth(2), dairy), version, (), place, NOW).percent  # all off one of two is not all off


@pytest.mark.parametrize(("bp", "percent", "saves"), [(1500, 15, None), (1250, 12, None), (50, 0, 7)])
def test_a_screen_says_whole_per_cent_and_never_too_many(bp: int, percent: int, saves: int | None) -> None:
    of = Coupon("c", (), CouponDisplay(title=Wording({"en": "Less"})), None, None, None, 0, None, None, False, 0)
    shown = _wall_coupon(
        of, Worth(7, percent=bp / 100), languages=("en",), currency="CNY", url="https://x", code_until=datetime.now(UTC)
    )
    assert (shown.percent, shown.saves) == (percent, saves)


def test_a_screen_does_not_say_of_any_goods_what_the_dearest_of_them_save(version: Version) -> None:
    half = coupon(Nth(2, 5000), Selector(categories=("dairy",)))
    found = worth(half, version, (), Place(timezone="Asia/Shanghai"), NOW)
    assert found.saves > 0
    of = Coupon("c", (), CouponDisplay(title=Wording({"en": "Half"})), None, None, None, 0, None, None, False, 0, half)
    shown = _wall_coupon(of, found, languages=("en",), currency="CNY", url="https://x", code_until=datetime.now(UTC))
    assert (shown.price, shown.was, shown.percent, shown.saves) == (0, None, 0, None)
