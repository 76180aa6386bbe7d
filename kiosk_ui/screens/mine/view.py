"""What is to be seen of a member's things: no name, no number, and the seconds until they close."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract.answers.member import MemberCoupon
from kiosk_ui.assets import known_art
from kiosk_ui.screens.mine.handlers import MineContext
from words.money import format_money

OPEN_S: Final = 45.0


class HeldView(msgspec.Struct, frozen=True):
    """One coupon."""

    id: str
    title: str
    note: str
    art: str
    tint: str


class FactView(msgspec.Struct, frozen=True):
    """Points, a parcel, a cart."""

    title: str
    value: str
    note: str
    icon: str


class MineView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    clock: str
    offline: str
    ask: str
    """What to do, where no code was shown; empty while their things are open."""
    ask_note: str
    seconds: str
    fraction: float
    closes: str
    facts: tuple[FactView, ...]
    heading: str
    coupons: tuple[HeldView, ...]
    none: str
    stay: str
    end: str
    basket: str = ""


def view(context: MineContext) -> MineView:
    """The whole screen."""
    known, text = context.memory, context.text
    left = max(0.0, known.until - context.at) if known.until else 0.0
    opened = left > 0
    return MineView(
        title=text("kiosk_mine.title"),
        clock=context.local.strftime("%H:%M"),
        offline=text("kiosk_mine.offline") if known.away or context.offline else "",
        ask="" if opened else text("kiosk_mine.ask"),
        ask_note="" if opened else text("kiosk_mine.ask_note"),
        seconds=str(int(left)) if opened else "",
        fraction=min(1.0, left / OPEN_S),
        closes=text("kiosk_mine.closes") if opened else "",
        facts=_facts(context) if opened else (),
        heading=text("kiosk_mine.coupons", count=len(known.answer.coupons)) if opened and known.answer.coupons else "",
        coupons=tuple(_coupon_view(each) for each in known.answer.coupons) if opened else (),
        none=text("kiosk_mine.none") if opened and not known.answer.coupons else "",
        stay=text("kiosk_mine.stay") if opened else "",
        basket=text("kiosk_basket.bar") if "basket" in context.shown else "",
        end=text("kiosk_mine.end") if opened else "",
    )


def _coupon_view(each: MemberCoupon) -> HeldView:
    note = " · ".join(part for part in (each.why, each.until) if part)
    return HeldView(each.id, each.title, note, known_art(each.art), each.tint)


def _facts(context: MineContext) -> tuple[FactView, ...]:
    answer, text = context.memory.answer, context.text
    found = []
    if answer.points is not None:
        worth = format_money(answer.worth, answer.currency, context.language)
        note = text("kiosk_mine.worth", money=worth) if answer.worth else answer.level
        found.append(FactView(text("kiosk_mine.points"), str(answer.points), note, "star"))
    for parcel in answer.parcels[:2]:
        note = text("kiosk_mine.late" if parcel.late else "kiosk_mine.due", when=parcel.due) if parcel.due else ""
        found.append(FactView(parcel.place, parcel.door, note, "locker"))
    if answer.cart:
        found.append(FactView(text("kiosk_mine.cart"), answer.cart.rpartition("-")[2], answer.since, "basket"))
    return tuple(found[:3])
