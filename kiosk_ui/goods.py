"""Goods as the gateway tells them to a screen (`/api/v1/screens/`), and as they are written on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from device_drivers.contract.answers.goods import ProductPrice, ProductTile
from kiosk_ui.assets import known_art
from kiosk_ui.prices import PriceParts, split_price

if TYPE_CHECKING:
    from kiosk_ui.screen import Context

STEP_M: Final = 0.7
"""Metres of a step."""
NEAR_STEPS: Final = 3
"""Fewer are none."""


class GoodView(msgspec.Struct, frozen=True):
    """A product in a list, ready to be drawn."""

    gtin: str
    name: str
    marked: tuple[int, int] | None
    """From where to where of the name it was found by."""
    size: str
    note: str
    tag: str
    art: str
    initial: str
    tint: str
    picture: str
    price: str
    per: str
    """What it is for, where it is not one piece."""
    cheaper: bool
    buyable: bool
    spoken: str
    located: bool = False
    """The note is a place."""


def good_view(
    context: Context[Any, Any],
    tile: ProductTile,
    currency: str,
    *,
    marked: tuple[int, int] | None = None,
    tag: str = "",
) -> GoodView:
    """A product in a list, in the language on the screen."""
    note = place_of(context, tile)
    price = price_of(context, tile.cost, currency)
    cost = tile.cost
    return GoodView(
        gtin=tile.gtin,
        name=tile.name,
        marked=marked,
        size=tile.size,
        note=note,
        tag=tag,
        art=known_art(tile.art, ""),
        initial=tile.name[:1].upper(),
        tint=tile.tint,
        picture=picture_of(context, tile.picture),
        price=price,
        per=cost.of if cost else "",
        cheaper=bool(cost and cost.was),
        buyable=tile.buyable and tile.here,
        spoken=", ".join(filter(None, (tile.name, tile.size, price, note))),
        located=tile.here and tile.spot is not None,
    )


def place_of(context: Context[Any, Any], tile: ProductTile) -> str:
    """`B2 货架 · 12 步`."""
    if not tile.here:
        return context.text("kiosk_find.not_here")
    spot = tile.spot
    return "" if spot is None else " · ".join(filter(None, (spot.label, steps(context, spot.metres))))


def steps(context: Context[Any, Any], metres: float | None) -> str:
    """How far it is; empty where nobody knows."""
    if metres is None:
        return ""
    count = round(metres / STEP_M)
    return context.text("kiosk_find.near") if count < NEAR_STEPS else context.text("kiosk_find.steps", count=count)


def price_of(context: Context[Any, Any], cost: ProductPrice | None, currency: str) -> str:
    """`¥12.90`; empty where no price is set."""
    return "" if cost is None else str(parts_of(context, cost.now, currency))


def parts_of(context: Context[Any, Any], amount: int, currency: str) -> PriceParts:
    """An amount in the parts that it is set in."""
    return split_price(amount, currency, context.language)


def picture_of(context: Context[Any, Any], path: str) -> str:
    """The whole address of a picture; empty where there is none, or nobody to ask for it."""
    return f"{context.routes.origin(context.service)}{path}" if path and context.service is not None else ""
