"""What is to be seen of a product's page: every word and figure, ready to be drawn. What is not known is not there."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from device_drivers.contract import ProductScene
from device_drivers.contract.answers.goods import (
    BuyerReview,
    ComparedProduct,
    Plan,
    ProductDetails,
    ProductPrice,
    ProductTile,
    Station,
)
from kiosk_ui.assets import known_art
from kiosk_ui.goods import GoodView, good_view, parts_of, picture_of, price_of, steps
from kiosk_ui.prices import PriceParts
from kiosk_ui.screens.home.view import clock
from kiosk_ui.screens.product_page.handlers import ProductContext

STEPS: Final = 3
COMPARED: Final = 3
BESIDE: Final = 2
BESIDE_MORE: Final = 3
"""Where nothing stands beside them."""
QUOTES: Final = 3


class TraceView(msgspec.Struct, frozen=True):
    """Where it comes from."""

    title: str
    steps: tuple[Station, ...]
    good: str
    """How long it is good."""
    report: str
    """On the key that shows the code of a laboratory's report."""


class PlaceView(msgspec.Struct, frozen=True):
    """Where it stands, and how many there are."""

    place: str
    way: str
    stock: str
    elsewhere: str
    plan: Plan | None
    at: tuple[float, float] | None
    spoken: str


class BarView(msgspec.Struct, frozen=True):
    """One bar of the comparison."""

    gtin: str
    words: str
    per_unit: str
    share: float
    own: bool
    cheaper: str
    spoken: str


class ComparedView(msgspec.Struct, frozen=True):
    """Others by what a unit costs."""

    title: str
    bars: tuple[BarView, ...]


class TogetherView(msgspec.Struct, frozen=True):
    """What goes with it."""

    title: str
    goods: tuple[GoodView, ...]
    add: str


class SheetView(msgspec.Struct, frozen=True):
    """What lies over the lower half."""

    title: str
    close: str
    quotes: tuple[BuyerReview, ...]
    url: str
    note: str


class PageView(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    clock: str
    offline: str
    heading: str
    """Instead of a product."""
    note: str
    code: str
    line: str
    name: str
    stars: float
    rating: str
    price: PriceParts | None
    per: str
    was: str
    per_unit: str
    badge: str
    promotion: str
    until: str
    points: str
    lowest: str
    art: str
    initial: str
    tint: str
    picture: str
    trace: TraceView | None
    place: PlaceView | None
    compared: ComparedView | None
    together: TogetherView | None
    sheet: SheetView | None
    add: str
    way: str
    phone: str
    search: str
    """Where there is no such product, on the key that leads to the others …"""
    call: str
    """… and on the one that calls staff."""
    said: str
    """What came of a touch: it is in the basket, or why it is not."""
    good_news: bool
    basket: str
    pieces: str


def view(context: ProductContext) -> PageView:
    """The whole screen."""
    known, text = context.memory, context.text
    whole = known.whole or (_of_scene(context, context.message.scene) if known.lost and context.message.scene else None)
    heading, note = ("", "") if whole is not None else _without_product(context)
    tile = whole.tile if whole else None
    cost = tile.cost if tile else None
    name = " ".join(filter(None, (tile.name, tile.size))) if tile else ""
    rating = whole.rating if whole else None
    return PageView(
        store=context.say(context.backdrop.store.name),
        clock=clock(context),
        offline=text("kiosk_find.product.offline") if known.lost or context.offline else "",
        heading=heading,
        note=note,
        code=text("kiosk_find.product.code", code=_grouped(whole.code)) if whole else "",
        line=" · ".join(filter(None, (whole.brand, whole.origin))) if whole else "",
        name=name,
        stars=rating.stars if rating else 0.0,
        rating=text("kiosk_find.product.rating", stars=rating.stars, count=rating.count) if rating else "",
        price=parts_of(context, cost.now, whole.currency) if whole and cost else None,
        per=cost.of if cost else "",
        was=str(parts_of(context, cost.was, whole.currency)) if whole and cost and cost.was else "",
        per_unit=tile.per_unit if tile else "",
        badge=text("money.off", percent=cost.off) if cost and cost.off else "",
        promotion=whole.promotion if whole else "",
        until=whole.until if whole else "",
        points=text("kiosk_find.product.points", count=whole.points) if whole and whole.points else "",
        lowest=whole.lowest if whole else "",
        art=known_art(tile.art, "") if tile else "",
        initial=name[:1].upper(),
        tint=tile.tint if tile else "#E7E3D8",
        picture=picture_of(context, tile.picture) if tile else "",
        **_cards(context, whole),
        **_keys(context, whole),
    )


def _of_scene(context: ProductContext, scene: ProductScene) -> ProductDetails:
    """What a scan brought: less than the gateway knows, and right as of then."""
    say = context.say
    cheaper = scene.was is not None and scene.price is not None and scene.price < scene.was
    cost = None
    if scene.price is not None:
        off = (scene.was - scene.price) * 100 // scene.was if cheaper and scene.was else 0
        cost = ProductPrice(scene.price, scene.was if cheaper else None, say(scene.for_), off)
    tile = ProductTile(
        scene.gtin,
        say(scene.name, scene.gtin),
        say(scene.size),
        scene.art,
        scene.tint,
        cost=cost,
        per_unit=say(scene.per_unit),
    )
    return ProductDetails(
        tile,
        scene.gtin,
        scene.currency,
        say(scene.brand),
        say(scene.origin),
        promotion=say(scene.promotion),
        page=scene.url,
    )


def _cards(context: ProductContext, whole: ProductDetails | None) -> dict[str, Any]:
    if whole is None:
        return dict.fromkeys(("trace", "place", "compared", "together", "sheet"))
    compared = _compared(context, whole)
    return {
        "trace": _trace(context, whole),
        "place": _place(context, whole),
        "compared": compared,
        "together": _together(context, whole, (BESIDE if compared else BESIDE_MORE) - context.large),
        "sheet": _sheet(context, whole),
    }


def _keys(context: ProductContext, whole: ProductDetails | None) -> dict[str, Any]:
    known, text = context.memory, context.text
    said, good = _message(context)
    put = known.put
    gone = whole is None and known.refused is not None
    price = price_of(context, whole.tile.cost, whole.currency) if whole else ""
    can = whole is not None and whole.tile.buyable and "basket" in context.shown
    key = "kiosk_find.product.add" if whole is None or whole.tile.here else "kiosk_find.product.order"
    return {
        "add": text(key, price=price) if can else "",
        "way": text("kiosk_find.product.way") if whole and whole.tile.spot and "map" in context.shown else "",
        "phone": text("kiosk_find.product.phone") if whole and whole.page else "",
        "search": text("kiosk_find.search.title") if gone and "search" in context.shown else "",
        "call": text("kiosk.call") if gone and "help" in context.shown else "",
        "said": said,
        "good_news": good,
        "basket": text("kiosk_home.basket") if "basket" in context.shown else "",
        "pieces": str(put.pieces or "") if put else "",
    }


def _message(context: ProductContext) -> tuple[str, bool]:
    known, text = context.memory, context.text
    if known.refused:  # where there is no product, it stands in its place
        return (known.refused.in_language(context.language) if known.whole is not None else ""), False
    if known.whole is not None and not known.whole.tile.buyable and known.whole.tile.cost is not None:
        return text("kiosk_find.product.weighed"), False
    if known.put_at is None or known.put is None:
        age = known.whole.age if known.whole else 0
        ready = known.whole.ready if known.whole else ""
        return (text("kiosk_find.product.age", age=age), False) if age else (ready, False)
    return text("kiosk_find.product.added", count=known.put.pieces), True


def _without_product(context: ProductContext) -> tuple[str, str]:
    known, text = context.memory, context.text
    if known.refused:
        return text("kiosk_find.product.unknown"), known.refused.in_language(context.language)
    if known.lost:
        return text("kiosk_find.search.lost"), text("kiosk_find.search.lost_note")
    return "", ""


def _trace(context: ProductContext, whole: ProductDetails) -> TraceView | None:
    told, text = whole.trace, context.text
    if told is None:
        return None
    stations = list(told.steps[-(STEPS - context.large - bool(told.best_before)) :])
    if not stations and told.made:
        stations = [Station(text("kiosk_find.product.made"), told.made)]
    if told.batch and stations:
        last = stations[-1]
        batch = text("kiosk_find.product.batch", words=last.words, batch=told.batch)
        stations[-1] = msgspec.structs.replace(last, words=batch)
    good = ""
    if told.best_before and told.days_left is not None:
        good = text("kiosk_find.product.good", day=told.best_before, count=told.days_left)
    report = text("kiosk_find.product.report") if told.report else ""
    if not stations and not good and not report:
        return None
    return TraceView(text("kiosk_find.product.trace"), tuple(stations), good, report)


def _place(context: ProductContext, whole: ProductDetails) -> PlaceView | None:
    spot, stock, text = whole.tile.spot, whole.stock, context.text
    here = elsewhere = ""
    if stock is not None:
        here = text("kiosk_find.product.stock", count=stock.here) if stock.here is not None else ""
        elsewhere = " · ".join(f"{there.store} {there.count}" for there in stock.elsewhere[:2])
    if not whole.tile.here:
        here = text("kiosk_find.not_here")
    if spot is None and not here and not elsewhere:
        return None
    place = ""
    if spot is not None:
        level = text("kiosk_find.product.level", count=spot.level) if spot.level else ""
        place = " · ".join(filter(None, (spot.label, level)))
    way = steps(context, spot.metres) if spot else ""
    spoken = ", ".join(filter(None, (place, way, here, elsewhere)))
    return PlaceView(place, way, here, elsewhere, whole.plan, spot.at if spot else None, spoken)


def _compared(context: ProductContext, whole: ProductDetails) -> ComparedView | None:
    bars = tuple(
        BarView(
            each.gtin,
            text_of(context, each),
            each.per_unit,
            each.share,
            each.own,
            context.text("kiosk_find.product.cheaper") if each.less > 0 else "",
            ", ".join(filter(None, (each.name, each.size, each.per_unit))),
        )
        for each in whole.compared[: COMPARED - (context.large or context.offline or context.memory.lost)]
    )
    sizes = any(each.same for each in whole.compared[: len(bars)])
    title = context.text("kiosk_find.product.sizes" if sizes else "kiosk_find.product.compared")
    return ComparedView(title, bars) if len(bars) > 1 else None


def text_of(context: ProductContext, each: ComparedProduct) -> str:
    """How one of the compared is called: the same in another size by that size alone."""
    if each.own:
        return context.text("kiosk_find.product.this_one", size=each.size).strip()
    return each.size if each.same else f"{each.name} {each.size}".strip()


def _together(context: ProductContext, whole: ProductDetails, most: int) -> TogetherView | None:
    tiles = whole.together or whole.alike
    title = "kiosk_find.product.together" if whole.together else "kiosk_find.product.alike"
    goods = tuple(good_view(context, each, whole.currency) for each in tiles[:most])
    return TogetherView(context.text(title), goods, context.text("kiosk_find.product.put")) if goods else None


def _sheet(context: ProductContext, whole: ProductDetails) -> SheetView | None:
    name, text = context.memory.sheet, context.text
    close = text("kiosk_find.product.close")
    if name == "said" and whole.rating:
        quotes = whole.rating.said[:QUOTES]
        note = "" if quotes else text("kiosk_find.product.no_quotes")
        return SheetView(text("kiosk_find.product.said"), close, quotes, "", note)
    if name == "report" and whole.trace and whole.trace.report:
        return SheetView(
            text("kiosk_find.product.report"), close, (), whole.trace.report, text("kiosk_find.product.scan")
        )
    if name == "page" and whole.page:
        return SheetView(text("kiosk_find.product.phone"), close, (), whole.page, text("kiosk_find.product.scan"))
    return None


def _grouped(code: str) -> str:
    """`6901 2340 0117 4`."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
