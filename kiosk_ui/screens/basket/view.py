"""What is to be seen of the basket: every word and price, ready to be drawn."""

from __future__ import annotations

import msgspec

from device_drivers.contract.answers.basket import CollectOptions, ScreenBasket, ScreenBasketLine
from kiosk_ui.assets import known_art
from kiosk_ui.prices import PriceParts, split_price
from kiosk_ui.screens.basket.handlers import BasketContext, Way
from words.money import format_money


class LineView(msgspec.Struct, frozen=True):
    """One line."""

    line: str
    name: str
    note: str
    off: str
    quantity: str
    weighed: str
    """In place of the quantity, for a bag."""
    pay: str
    shelf: str
    art: str
    tint: str


class WayView(msgspec.Struct, frozen=True):
    """One way on, as a key."""

    way: Way
    title: str
    note: str
    icon: str
    chosen: bool


class BasketView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    count: str
    clock: str
    waits: bool
    """The gateway has said nothing yet."""
    offline: str
    empty: str
    """Heading where nothing lies in it; what follows stands below."""
    empty_note: str
    search: str
    pad: str
    """On the key that leads to the number pad: another basket may come here."""
    done: str
    lines: tuple[LineView, ...] = ()
    taken_title: str = ""
    taken: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    """In place of sums, where nothing was taken off."""
    total_title: str = ""
    total: PriceParts = PriceParts("", "0", "")
    saved: str = ""
    earns: str = ""
    nearly: str = ""
    percent: float = 0.0
    notes: tuple[str, ...] = ()
    """Why a coupon did not apply, and what else is to be said."""
    collect: CollectOptions | None = None
    """What is not on the shelf."""
    code_title: str = ""
    code_note: str = ""
    url: str = ""
    digits: str = ""
    digits_title: str = ""
    at_till: bool = False
    """The digits are said, not scanned: they stand large in the code's place."""
    ways: tuple[WayView, ...] = ()


def view(context: BasketContext) -> BasketView:
    """The whole screen."""
    known, text = context.memory, context.text
    answer = known.answer or ScreenBasket()
    frame = BasketView(
        title=text("kiosk_basket.title"),
        count=text("kiosk_basket.pieces", count=answer.pieces) if answer.pieces else "",
        clock=context.local.strftime("%H:%M"),
        waits=known.answer is None and not known.away,
        offline=_problem_text(context),
        empty="",
        empty_note="",
        search=text("kiosk_basket.search") if "search" in context.shown else "",
        pad=text("kiosk_digits.key") if "digits" in context.shown else "",
        done=text("kiosk_basket.done"),
    )
    if not answer.lines:
        return _empty(context, frame, answer)
    return _filled(context, frame, answer)


def _problem_text(context: BasketContext) -> str:
    """Why something was refused, or that nobody answers."""
    known = context.memory
    if known.refused is not None:
        return known.refused.in_language(context.language)
    return context.text("kiosk_basket.offline") if known.away or context.offline else ""


def _empty(context: BasketContext, frame: BasketView, answer: ScreenBasket) -> BasketView:
    text = context.text
    if answer.gone:
        heading, note = text("kiosk_basket.gone"), answer.gone
    elif context.memory.answer is None:
        heading = text("kiosk_basket.unknown" if context.memory.away else "kiosk_basket.looking")
        note = text("kiosk_basket.unknown_note") if context.memory.away else ""
    else:
        heading, note = text("kiosk_basket.empty"), text("kiosk_basket.empty_note")
    return msgspec.structs.replace(frame, empty=heading, empty_note=note)


def _filled(context: BasketContext, frame: BasketView, answer: ScreenBasket) -> BasketView:
    text, money = context.text, _Money(answer.currency, context.language)
    way = context.memory.way
    digits = answer.code.digits if answer.code else ""
    return msgspec.structs.replace(
        frame,
        lines=tuple(_line(context, each, money) for each in answer.lines),
        taken_title=text("kiosk_basket.taken" if answer.taken else "kiosk_basket.not_taken"),
        hint="" if answer.taken else text("kiosk_basket.hint_own" if answer.own else "kiosk_basket.hint"),
        taken=tuple((each.name, money(-each.amount)) for each in answer.taken),
        total_title=text("kiosk_basket.total"),
        total=split_price(answer.total, answer.currency, context.language),
        saved=text("kiosk_basket.saved", money=money(answer.saved)) if answer.saved else "",
        earns=text("kiosk_basket.earns", count=answer.earns) if answer.earns else "",
        nearly=answer.nearly.words if answer.nearly else "",
        percent=answer.nearly.percent / 100 if answer.nearly else 0.0,
        notes=(*answer.said, *answer.not_used)[:2],
        collect=answer.collecting,
        code_title=text(f"kiosk_basket.way_{way}"),
        code_note=text(f"kiosk_basket.do_{way}"),
        url=answer.code.url if answer.code else "",
        digits=digits,
        digits_title=text("kiosk_basket.digits"),
        at_till=way == "till",
        ways=tuple(
            WayView(
                each,
                text(f"kiosk_basket.way_{each}"),
                text(f"kiosk_basket.note_{each}", digits=digits),
                {"phone": "scan", "till": "till", "move": "phone"}[each],
                each == way,
            )
            for each in _ways(way)
        ),
    )


def _ways(way: Way) -> tuple[Way, Way]:
    """The two that are not chosen, the till first."""
    others: list[Way] = [each for each in _EVERY if each != way]
    return others[0], others[1]


_EVERY: tuple[Way, ...] = ("till", "phone", "move")


class _Money:
    def __init__(self, currency: str, language: str) -> None:
        self._currency, self._language = currency, language

    def __call__(self, amount: int) -> str:
        return format_money(amount, self._currency, self._language)


def _line(context: BasketContext, each: ScreenBasketLine, money: _Money) -> LineView:
    return LineView(
        line=each.line,
        name=each.name,
        note=each.warning or ("" if each.off else each.detail),
        off=each.off if not each.warning else "",
        quantity=str(each.quantity),
        weighed=context.text("kiosk_basket.weighed") if each.alone else "",
        pay=money(each.pay) if each.pay is not None else "–",
        shelf=money(each.shelf) if each.shelf is not None and each.shelf != each.pay else "",
        art=known_art(each.art or "gift"),
        tint=each.tint,
    )
