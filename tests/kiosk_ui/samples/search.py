"""The search without a keyboard."""

from __future__ import annotations

from typing import Any, Final

from device_drivers.contract.answers.goods import ProductPrice, ProductTile, ShelfSpot
from device_drivers.contract.answers.search import Category, Hint, Hit, Searched
from kiosk_ui import places
from kiosk_ui.screens.search.handlers import Memory, SearchQuery
from tests.kiosk_ui.samples.sample import Sample

LONG: Final = "鲜汇优选每日鲜牛乳 75°C低温巴氏杀菌 3.8g 优质乳蛋白 家庭装分享组合 Extra creamy pasteurised family milk"
KINDS: Final = {
    "水果": "tangerine",
    "蔬菜": "greens",
    "肉禽": "meat",
    "水产": "shrimp",
    "乳品": "milk",
    "烘焙": "bread",
    "母婴": "formula",
    "日用": "wipes",
}
CATEGORIES: Final = tuple(Category(name, name, art, "#D9E8F8") for name, art in KINDS.items())


def tile(at: int = 0, name: str = "鲜牛奶", **more: Any) -> ProductTile:
    """A product in a list."""
    told: dict[str, Any] = {
        "size": "950毫升",
        "art": "milk",
        "tint": "#D9E8F8",
        "cost": ProductPrice(1290 + at, 1980 if at % 2 == 0 else None, off=34),
        "per_unit": "¥13.58/升",
        "buyable": True,
        "spot": ShelfSpot("shelf-dairy", "乳品货架", "乳品烘焙", 3, 8.4 + at, (15.5, 3)),
    } | more
    return ProductTile(f"{9521101500000 + at:014d}", name, **told)


def known(count: int, name: str = "鲜牛奶", typed: str = "xn") -> Memory:
    """What the search remembers after these keys."""
    hits = tuple(Hit(tile(at, name), "letters", (0, 2)) for at in range(count))
    hint = Hint("鲜牛奶", "XNN")
    answer = Searched(typed, False, "", "lnp", hits, False, CATEGORIES, hint)
    return Memory(SearchQuery(typed), answer, answered=True, language="zh-CN")


SAMPLES: Final = (
    Sample(
        name="search",
        message=places.Search(),
        memory=lambda _at: known(3),
        covers=("normal",),
    ),
    Sample(name="search-empty", message=places.Search(), memory=lambda _at: known(0, typed="xqq"), covers=("empty",)),
    Sample(name="search-one", message=places.Search(), memory=lambda _at: known(1), covers=("one",)),
    Sample(name="search-sixty", message=places.Search(), memory=lambda _at: known(60), covers=("sixty",)),
    Sample(name="search-long", message=places.Search(), memory=lambda _at: known(3, LONG), covers=("long",)),
    Sample(
        name="search-offline",
        message=places.Search(),
        memory=lambda at: Memory(lost=True, language="zh-CN", asked_at=at),
        offline=True,
        covers=("offline",),
    ),
)
