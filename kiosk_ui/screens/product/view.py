"""What is to be seen of a product: every word and figure, in the language on the screen, ready to be drawn."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract import ProductScene, RelatedProduct
from kiosk_ui.assets import known_art
from kiosk_ui.prices import PriceParts, split_price
from kiosk_ui.screen import Context

MAX_RELATED: Final = 3
"""Products that have room below the one that is shown."""


class RelatedView(msgspec.Struct, frozen=True):
    """A product that goes with the one that is shown."""

    title: str
    art: str
    initial: str
    tint: str
    picture: str
    price: str


class ProductView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    line: str
    """Brand, size and origin."""
    art: str
    """Empty where its first letter stands for it."""
    initial: str
    tint: str
    picture: str
    badge: str
    price: PriceParts | None
    per: str
    was: str
    per_unit: str
    promotion: str
    place: str
    url: str
    related: tuple[RelatedView, ...]
    offline: str
    # The kiosk's own words.
    nearest: str
    details: str
    with_it: str


def view(context: Context[ProductScene, None]) -> ProductView:
    """The whole screen."""
    scene, text, say = context.message, context.text, context.say
    name, percent = say(scene.name, scene.gtin), discount(scene)
    return ProductView(
        title=name,
        line=" · ".join(filter(None, map(say, (scene.brand, scene.size, scene.origin)))),
        art=known_art(scene.art, ""),
        initial=name[:1].upper(),
        tint=scene.tint,
        picture=scene.picture,
        badge=text("money.off", percent=percent) if percent else "",
        price=None if scene.price is None else split_price(scene.price, scene.currency, context.language),
        per=say(scene.for_),
        was=str(split_price(scene.was, scene.currency, context.language)) if _cheaper(scene) and scene.was else "",
        per_unit=say(scene.per_unit),
        promotion=say(scene.promotion),
        place=say(scene.place),
        url=scene.url,
        related=tuple(_related(each, context) for each in scene.goes_with[:MAX_RELATED]),
        offline=text("kiosk_find.product.offline") if context.offline else "",
        nearest=text("kiosk.product.nearest"),
        details=text("kiosk.product.details"),
        with_it=text("kiosk.product.with_it"),
    )


def discount(scene: ProductScene) -> int:
    """Whole percent off the usual price, 0 where there is none. Rounded down, so that it never promises too much."""
    if not scene.was or scene.price is None or scene.price >= scene.was:
        return 0
    return (scene.was - scene.price) * 100 // scene.was


def _cheaper(scene: ProductScene) -> bool:
    return scene.was is not None and scene.price is not None and scene.price < scene.was


def _related(each: RelatedProduct, context: Context[ProductScene, None]) -> RelatedView:
    name = context.say(each.name)
    price = "" if each.price is None else str(split_price(each.price, context.message.currency, context.language))
    return RelatedView(name, known_art(each.art, ""), name[:1].upper(), each.tint, each.picture, price)
