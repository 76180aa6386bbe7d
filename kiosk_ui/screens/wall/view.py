"""What is to be seen of a coupon wall at a moment: every word, figure and fraction, ready to be drawn.

No decision is left to a widget.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from device_drivers.contract import OfferCard, WallCoupon, card_of
from kiosk_ui.assets import known_art
from kiosk_ui.prices import PriceParts, split_price
from kiosk_ui.screen import Context
from kiosk_ui.screens.wall.paging import Wall, live, page_of, page_sizes

RING_S: Final = 1800.0
"""The countdown's ring empties over the last half-hour."""
URGENT_S: Final = 60.0
"""In the last minute the countdown turns red."""
FEW: Final = 0.2
"""Under this part of the stock the shopper is told that few are left."""
DAY_S: Final = 86_400.0
"""An offer that ends later than this shows no countdown: it would only unsettle."""


class Countdown(msgspec.Struct, frozen=True):
    """Time left of an offer."""

    text: str
    fraction: float
    """Of the ring that is still full, 0 to 1, in sixtieths so that the ring is not drawn anew for nothing."""
    urgent: bool


class StockView(msgspec.Struct, frozen=True):
    """Coupons left of an offer."""

    text: str
    fraction: float
    few: bool


class CodeView(msgspec.Struct, frozen=True):
    """The QR panel of a card: a code to scan, or plain words why there is none."""

    url: str | None
    caption: str
    note: str = ""
    """Under a missing code's caption."""
    sign: str = "pause"
    """Over a missing code's caption: `pause` or `gone`."""


class CardView(OfferCard, frozen=True):
    """One coupon."""

    id: str
    badge: str
    """`-35%`, or nothing where the price did not fall."""
    price: PriceParts
    was: str
    code: CodeView
    stock: StockView | None
    countdown: Countdown | None


class EmptyState(msgspec.Struct, frozen=True):
    """What stands where the cards would be."""

    art: str
    title: str
    note: str


class WallView(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    zone: str
    headline: str
    hint: str
    how: str
    notice: str
    """Why codes pause or the screen may be old; empty when all is well."""
    cards: tuple[CardView, ...]
    message: EmptyState | None
    page: int
    page_count: int
    arts: tuple[str, ...]
    """Up to three pictures for the banner."""


def clock(seconds: float) -> str:
    """`28:43`, or `1:29:58` from an hour on. A started second counts."""
    whole = int(-(-seconds // 1))
    hours, rest = divmod(whole, 3600)
    minutes, last = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{last:02d}" if hours else f"{minutes:02d}:{last:02d}"


def countdown(ends_at: datetime | None, now: datetime) -> Countdown | None:
    """The countdown of an offer that ends within a day."""
    if ends_at is None:
        return None
    left = (ends_at - now).total_seconds()
    if left > DAY_S:
        return None
    left = max(0.0, left)
    return Countdown(clock(left), round(min(1.0, left / RING_S) * 60) / 60, urgent=left <= URGENT_S)


def discount(coupon: WallCoupon) -> int:
    """Whole percent off the former price, 0 where there is none. Rounded down, so that it never promises too much."""
    if not coupon.was or coupon.price >= coupon.was:
        return 0
    return (coupon.was - coupon.price) * 100 // coupon.was


def _stock(coupon: WallCoupon, context: Wall) -> StockView | None:
    if not coupon.left:
        return None
    fraction = min(1.0, coupon.left / coupon.stock) if coupon.stock else 1.0
    few = bool(coupon.stock) and fraction < FEW
    return StockView(context.text("kiosk.wall.few" if few else "kiosk.wall.left", count=coupon.left), fraction, few)


def _code(coupon: WallCoupon, context: Wall) -> CodeView:
    if coupon.left == 0:
        return CodeView(None, context.text("kiosk.wall.gone"), context.text("kiosk.wall.gone_note"), sign="gone")
    if coupon.code_until <= context.now:
        return CodeView(None, context.text("kiosk.wall.paused"), context.text("kiosk.wall.paused_note"))
    return CodeView(coupon.url, context.text("kiosk.wall.scan"))


def _price(coupon: WallCoupon, context: Wall) -> PriceParts:
    """The largest figure of a card: the price with the coupon, or what it takes off; none where that depends on the
    goods.
    """
    if coupon.percent:
        return PriceParts("", context.text("money.off", percent=coupon.percent), "")
    if coupon.saves:
        less = split_price(coupon.saves, coupon.currency, context.language)
        return PriceParts(f"-{less.symbol}", less.whole, less.cents)
    if not is_priced(coupon):
        return PriceParts("", "", "")
    return split_price(coupon.price, coupon.currency, context.language)


def is_priced(coupon: WallCoupon) -> bool:
    """Whether a piece has one price with it, be that nothing: then it says as well what the piece costs without."""
    return bool(coupon.price) or coupon.was is not None


def card(coupon: WallCoupon, context: Wall) -> CardView:
    """What is to be seen of one coupon."""
    percent = discount(coupon)
    return CardView(
        id=coupon.id,
        badge=context.text("money.off", percent=percent) if percent else "",
        price=_price(coupon, context),
        was=str(split_price(coupon.was, coupon.currency, context.language)) if percent and coupon.was else "",
        code=_code(coupon, context),
        stock=_stock(coupon, context),
        countdown=countdown(coupon.ends_at, context.now),
        **drawn(coupon, context),
    )


def drawn(coupon: WallCoupon, context: Context[Any, Any]) -> dict[str, Any]:
    """What every card of it says and shows. It is called by its id in a language that nobody named it in."""
    found = card_of(coupon, OfferCard, context.say)
    return found | {"title": found["title"] or coupon.id, "art": known_art(coupon.art)}


def _notice(coupons: tuple[WallCoupon, ...], context: Wall) -> str:
    if any(coupon.code_until <= context.now for coupon in coupons):
        return context.text("kiosk.wall.notice_paused")
    return context.text("kiosk.wall.notice_reconnecting") if context.offline and coupons else ""


def cards(context: Wall, most: int) -> tuple[CardView, ...]:
    """The first live coupons, so many at most."""
    return tuple(card(coupon, context) for coupon in live(context.message, context.now)[:most])


def view(context: Wall) -> WallView:
    """The whole screen."""
    text, wall = context.text, context.message
    coupons = live(wall, context.now)
    sizes = page_sizes(context)
    page = min(page_of(context), len(sizes) - 1)
    first = sum(sizes[:page])
    shown = coupons[first : first + sizes[page]]
    return WallView(
        store=context.say(wall.store.name),
        zone=context.say(wall.zone.name),
        headline=context.say(wall.headline, text("kiosk.wall.headline")),
        hint=context.say(wall.hint, text("kiosk.wall.how")),
        how=text("kiosk.wall.how"),
        notice=_notice(coupons, context),
        cards=tuple(card(coupon, context) for coupon in shown),
        message=None if shown else EmptyState("coffee", text("kiosk.wall.empty"), text("kiosk.wall.empty_note")),
        page=page,
        page_count=len(sizes),
        arts=tuple(dict.fromkeys(known_art(coupon.art) for coupon in coupons))[:3],
    )
