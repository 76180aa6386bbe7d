"""What is to be seen for a state at a moment: every word, figure and fraction, ready to be drawn.

No decision is left to a widget. Offers and codes end by the wall clock, which must agree with the gateway's to a few
seconds; a kiosk takes its time from the store's own NTP server.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from device_drivers.contract import WallCoupon, Wording
from kiosk_ui import flow, texts
from kiosk_ui.texts import Texts

RING_S: Final = 1800.0
"""The countdown's ring empties over the last half-hour."""
URGENT_S: Final = 60.0
"""In the last minute the countdown turns red."""
FEW: Final = 0.2
"""Under this part of the stock the shopper is told that few are left."""
DAY_S: Final = 86_400.0
"""An offer that ends later than this shows no countdown: it would only unsettle."""

GIFT: Final = "gift"
"""The picture that stands in for any that the kiosk does not have."""
ARTS: Final = frozenset(
    (
        "milk",
        "croissant",
        "cheese",
        "strawberry",
        "diaper",
        "formula",
        "wipes",
        "egg",
        "apple",
        "fish",
        "bread",
        "coffee",
    )
)
"""Pictures that the kiosk has besides."""

SYMBOLS: Final = {
    "CNY": ("¥", 2),
    "USD": ("$", 2),
    "EUR": ("€", 2),
    "GBP": ("£", 2),
    "HKD": ("HK$", 2),
    "JPY": ("¥", 0),
}
"""Currency sign and decimals; an unknown currency shows its code and two."""


class Price(msgspec.Struct, frozen=True):
    """An amount in the three parts it is set in: `¥`, `12`, `.90`."""

    symbol: str
    whole: str
    cents: str

    def __str__(self) -> str:
        return f"{self.symbol}{self.whole}{self.cents}"


class Countdown(msgspec.Struct, frozen=True):
    """Time left of an offer."""

    text: str
    fraction: float
    """Of the ring that is still full, 0 to 1, in sixtieths so that the ring is not drawn anew for nothing."""
    urgent: bool


class Stock(msgspec.Struct, frozen=True):
    """Coupons left of an offer."""

    text: str
    fraction: float
    few: bool


class Code(msgspec.Struct, frozen=True):
    """The QR panel of a card: a code to scan, or plain words why there is none."""

    url: str | None
    caption: str
    note: str = ""
    """Under a missing code's caption."""
    sign: str = "pause"
    """Over a missing code's caption: `pause` or `gone`."""


class Card(msgspec.Struct, frozen=True):
    """One coupon."""

    id: str
    title: str
    subtitle: str
    art: str
    tint: str
    badge: str
    """`-35%`, or nothing where the price did not fall."""
    price: Price
    was: str
    code: Code
    stock: Stock | None
    countdown: Countdown | None


class Message(msgspec.Struct, frozen=True):
    """What stands where the cards would be."""

    art: str
    title: str
    note: str


class View(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    zone: str
    headline: str
    hint: str
    how: str
    language_button: str
    """Empty where the store has but one language: then there is no button."""
    large_button: str
    large: bool
    notice: str
    """Why codes pause or the screen may be old; empty when all is well."""
    cards: tuple[Card, ...]
    message: Message | None
    page: int
    page_count: int
    arts: tuple[str, ...]
    """Up to three pictures for the banner."""


def split_price(amount: int, currency: str = "CNY") -> Price:
    """`1290` fen is `¥`, `12`, `.90`."""
    symbol, decimals = SYMBOLS.get(currency, (f"{currency} ", 2))
    whole, cents = divmod(amount, 10**decimals)
    return Price(symbol, str(whole), f".{cents:0{decimals}d}" if decimals else "")


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


def in_language(wording: Wording, language: str, otherwise: str = "") -> str:
    """The wording in the language, else in the default one, else in any."""
    return wording.get(language) or wording.get(texts.DEFAULT) or next(iter(wording.values()), otherwise)


def live(state: flow.State, now: datetime) -> tuple[WallCoupon, ...]:
    """The coupons whose offer has not ended, whether or not the gateway had time to take them down."""
    if state.wall is None:
        return ()
    return tuple(coupon for coupon in state.wall.coupons if coupon.ends_at is None or coupon.ends_at > now)


def page_count(state: flow.State, now: datetime) -> int:
    """How many pages the live coupons fill, at least one."""
    return len(flow.page_sizes(state, len(live(state, now))))


def _stock(coupon: WallCoupon, words: Texts) -> Stock | None:
    if not coupon.left:
        return None
    fraction = min(1.0, coupon.left / coupon.stock) if coupon.stock else 1.0
    few = bool(coupon.stock) and fraction < FEW
    return Stock((words.few if few else words.left).of(coupon.left), fraction, few)


def _code(coupon: WallCoupon, words: Texts, now: datetime) -> Code:
    if coupon.left == 0:
        return Code(None, words.gone, words.gone_note, sign="gone")
    if coupon.code_until <= now:
        return Code(None, words.paused, words.paused_note)
    return Code(coupon.url, words.scan)


def _card(coupon: WallCoupon, language: str, words: Texts, now: datetime) -> Card:
    percent = discount(coupon)
    return Card(
        id=coupon.id,
        title=in_language(coupon.title, language, coupon.id),
        subtitle=in_language(coupon.subtitle, language),
        art=coupon.art if coupon.art in ARTS else GIFT,
        tint=coupon.tint,
        badge=words.off.format(percent=percent) if percent else "",
        price=split_price(coupon.price, coupon.currency),
        was=str(split_price(coupon.was, coupon.currency)) if percent and coupon.was else "",
        code=_code(coupon, words, now),
        stock=_stock(coupon, words),
        countdown=countdown(coupon.ends_at, now),
    )


def _notice(state: flow.State, coupons: tuple[WallCoupon, ...], words: Texts, now: datetime, at: float) -> str:
    if any(coupon.code_until <= now for coupon in coupons):
        return words.notice_paused
    lost = state.lost_at is not None and at - state.lost_at >= flow.GRACE_S
    return words.notice_reconnecting if lost and coupons else ""


def see(state: flow.State, now: datetime, at: float) -> View:
    """The screen for this state at this moment."""
    words = texts.load(state.language)
    wall, coupons = state.wall, live(state, now)
    sizes = flow.page_sizes(state, len(coupons))
    page = min(state.page, len(sizes) - 1)
    first = sum(sizes[:page])
    shown = coupons[first : first + sizes[page]]
    waiting = Message("gift", words.waiting, words.waiting_note)
    empty = Message("coffee", words.empty, words.empty_note) if wall else waiting
    following = flow.next_language(state)
    return View(
        store=in_language(wall.store.name, state.language) if wall else "",
        zone=in_language(wall.zone.name, state.language) if wall else "",
        headline=in_language(wall.headline if wall else {}, state.language, words.headline),
        hint=in_language(wall.hint if wall else {}, state.language, words.how),
        how=words.how,
        language_button="" if following == state.language else texts.load(following).short,
        large_button=words.normal if state.large else words.large,
        large=state.large,
        notice=_notice(state, coupons, words, now, at),
        cards=tuple(_card(coupon, state.language, words, now) for coupon in shown),
        message=None if shown else empty,
        page=page,
        page_count=len(sizes),
        arts=tuple(dict.fromkeys(coupon.art if coupon.art in ARTS else GIFT for coupon in coupons))[:3],
    )
