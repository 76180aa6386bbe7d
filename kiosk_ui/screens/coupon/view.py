"""What is to be seen of a coupon: the ticket, its code with the seconds that are left, and its rules."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract import OfferCard, WallCoupon
from device_drivers.contract.answers.coupon import ScreenCoupon
from kiosk_ui.assets import known_art
from kiosk_ui.prices import PriceParts, split_price
from kiosk_ui.screens.coupon.handlers import CouponContext
from kiosk_ui.screens.wall.view import drawn, is_priced
from words.money import format_money

STEP_S: Final = 30.0
"""How long a code stands."""


class CouponView(msgspec.Struct, frozen=True):
    """The whole screen."""

    place: str
    clock: str
    offline: str
    badge: str
    card: OfferCard
    price: PriceParts | None
    was: str
    sticker: str
    saves: str
    url: str
    how: str
    then: str
    cannot: str
    digits: str
    seconds: str
    fraction: float
    seconds_note: str
    no_picture: str
    left: str
    taken: str
    stock: float
    rules: tuple[tuple[str, str], ...]
    said: str
    main: str
    """On the key that saves it here; empty where that is not offered."""
    paper: str
    lead: str
    none: str = ""
    """Instead of a ticket: nobody here knows this coupon."""
    none_note: str = ""
    basket: str = ""


def view(context: CouponContext) -> CouponView:
    """The whole screen."""
    known, text = context.memory, context.text
    answer = known.answer or _from_wall(context)
    left_s = max(0.0, answer.until_ms / 1000 - context.now.timestamp()) if answer.until_ms else 0.0
    fresh = left_s > 0 and not known.refused
    away = known.away or context.offline
    left, stock = None if away else answer.left, answer.stock or 0
    refused = known.refused.in_language(context.language) if known.refused else ""
    money = format_money(answer.saves, answer.currency, context.language) if answer.saves else ""
    off = text("money.off", percent=answer.percent) if answer.percent else ""
    return CouponView(
        place=context.say(context.backdrop.zone.name) if context.backdrop is not None else "",
        clock=context.local.strftime("%H:%M"),
        offline=refused or (text("kiosk_coupon.offline") if away else ""),
        badge=off,
        card=msgspec.structs.replace(answer, art=known_art(answer.art)),
        price=split_price(answer.price, answer.currency, context.language) if answer.price is not None else None,
        was=format_money(answer.was, answer.currency, context.language) if answer.was is not None else "",
        sticker=text("kiosk_coupon.saves") if money else "",
        saves=money or off,
        url=answer.url if fresh else "",
        how=text("kiosk_coupon.mine" if answer.mine else "kiosk_coupon.how"),
        then=text("kiosk_coupon.then"),
        cannot=text("kiosk_coupon.cannot") if answer.digits and fresh else "",
        digits=f"{answer.digits[:3]} {answer.digits[3:]}" if answer.digits and fresh else "",
        seconds=str(min(99, int(left_s))) if fresh else "",  # a clock that goes wrong must not burst the ring
        fraction=min(1.0, left_s / STEP_S),
        seconds_note=text("kiosk_coupon.seconds") if fresh else "",
        no_picture=text("kiosk_coupon.no_picture") if fresh else "",
        left=text("kiosk_coupon.left", count=left) if left is not None else "",
        taken=text("kiosk_coupon.claimed", count=stock - left) if left is not None and stock else "",
        stock=left / stock if left is not None and stock else 0.0,
        rules=tuple((each.sign, each.words) for each in answer.rules[:4]),
        said=text(f"kiosk_coupon.said_{known.said}") if known.said else "",
        main=text("kiosk_coupon.save") if answer.claimable else "",
        paper=text("kiosk_coupon.paper") if answer.prints else "",
        none="" if answer.title or known.asking else text("kiosk_coupon.none"),
        none_note=text("kiosk_coupon.none_note"),
        basket=text("kiosk_basket.bar") if "basket" in context.shown else "",
        lead=text("kiosk_coupon.lead") if answer.gtin and "map" in context.shown else "",
    )


def _from_wall(context: CouponContext) -> ScreenCoupon:
    """What the wall knows of it, while the gateway says nothing."""
    wall = getattr(context.backdrop, "coupons", ())
    found: WallCoupon | None = next((each for each in wall if each.id == context.message.id), None)
    if found is None:
        return ScreenCoupon(title="")
    return ScreenCoupon(
        price=None if found.saves or found.percent or not is_priced(found) else found.price,
        was=found.was,
        saves=found.saves or (max(0, found.was - found.price) if found.was and not found.percent else 0),
        percent=found.percent or ((found.was - found.price) * 100 // found.was if found.was and not found.saves else 0),
        currency=found.currency,
        left=found.left,
        stock=found.stock,
        url=found.url,
        until_ms=int(found.code_until.timestamp() * 1000),
        **drawn(found, context),
    )
