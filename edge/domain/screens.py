"""What a screen should show: the offers of its zone, each with the code of this half minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from device_drivers.contract import BankKeypad, BankOfLockers, CouponWall, Named, Service, WallCoupon, Zone, card_of
from edge.domain.coupons.rules import Coupon, Worth
from edge.domain.devices import queries as device_queries
from edge.domain.store import queries as store_queries
from edge.domain.touchpoints.codes import Codes
from edge.journal import Reads
from words.languages import USUAL, Words, in_each
from words.sentences import say_in

SCHEMA: Final = 1
"""The version of the body's form; a screen that knows only lower ones says so in `applied`."""


def coupon_wall(
    reads: Reads,
    codes: Codes,
    *,
    screen: str,
    zone: str,
    offers: Sequence[tuple[Coupon, Worth]],
    store: Words,
    currency: str,
    now_ms: int,
    languages: tuple[str, ...] = USUAL,
    url: Callable[[str], str],
    gateway: str = "",
    direct: tuple[str, ...] = (),
) -> CouponWall:
    """The `desired` body of a screen in a zone, with the coupons that are worth something there, and what they are.
    `url` makes the address of a code; `gateway` is the address without a path where the screen asks, `direct` where
    that answers without its name.
    """
    name = store_queries.zone_name(reads, zone)
    code_until = _moment(codes.code_until(now_ms))

    return CouponWall(
        schema=SCHEMA,
        store=Named(in_each(store, languages)),
        zone=Zone(zone, in_each(name, languages)),
        languages=languages,
        headline=say_in(languages, "screen.headline"),
        hint=say_in(languages, "screen.hint"),
        coupons=tuple(
            _wall_coupon(
                coupon,
                worth,
                languages=languages,
                currency=currency,
                url=url(codes.rotating(screen, coupon.coupon, now_ms)),
                code_until=code_until,
            )
            for coupon, worth in offers
        ),
        service=Service(gateway, codes.service(screen), direct) if gateway else None,
    )


def _wall_coupon(
    coupon: Coupon, worth: Worth, *, languages: tuple[str, ...], currency: str, url: str, code_until: datetime
) -> WallCoupon:
    """What it saves is said where it saves just that: of any of several goods it is less than of the dearest."""
    percent = int(worth.percent) if worth.price is None else 0
    return WallCoupon(
        id=coupon.coupon,
        price=worth.price or 0,
        was=worth.was,
        saves=worth.saves if worth.exact and worth.price is None and not percent else None,
        percent=percent,
        currency=currency,
        left=None if coupon.stock is None else coupon.stock - coupon.claimed,
        stock=coupon.stock,
        ends_at=_moment(coupon.ends_ms) if coupon.ends_ms else None,
        url=url,
        code_until=code_until,
        **card_of(coupon.look, WallCoupon, partial(in_each, languages=languages)),
    )


def bank_screen(
    reads: Reads,
    codes: Codes,
    *,
    bank: str,
    store: Words,
    url: Callable[[str], str],
    gateway: str,
    screen: str = "",
    languages: tuple[str, ...] = USUAL,
    direct: tuple[str, ...] = (),
    timezone: str = "",
) -> BankKeypad:
    """The `desired` body of a screen beside a locker bank: whose codes it takes, where it sends them, and the bank's
    own page for phones. `gateway` is the address without a path. The code that it sends with digits is its own.
    """
    device = device_queries.device(reads, bank)
    own = codes.keypad(bank, screen or bank)
    label = in_each(device.label, languages) if device else {}
    return BankKeypad(
        schema=SCHEMA,
        store=Named(in_each(store, languages)),
        languages=languages,
        bank=BankOfLockers(bank, label, own, url(codes.static(bank)), gateway),
        service=Service(gateway, codes.service(screen), direct) if screen else None,
        timezone=timezone,
    )


def _moment(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, UTC)
