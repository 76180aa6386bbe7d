"""What is to be seen at a bank's screen: every word, ready to be drawn."""

from __future__ import annotations

import msgspec

from device_drivers.contract.answers.lockers import Fee
from kiosk_ui.screens.bank.handlers import LENGTH, BankContext, pause_left_s, ready
from kiosk_ui.screens.bank.progress import Progress


class ResultView(msgspec.Struct, frozen=True):
    """What came of it, large."""

    tone: str
    door: str
    """Its number, or a mark where there is none."""
    sentence: str
    advice: str
    key: str
    """On the button that makes room for the next shopper; empty while there is nothing to dismiss."""
    agree: str = ""
    """On the button that agrees to a late fee and opens."""


class BankView(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    bank: str
    headline: str
    hint: str
    url: str
    phone: str
    phone_note: str
    slots: tuple[str, ...]
    """What stands in each place of the code; empty where nothing is entered yet."""
    note: str
    warns: bool
    open_key: str
    ready: bool
    answer: ResultView | None
    store_key: str = ""
    """On the key that leads to putting something in; empty where this screen cannot do that."""


def view(context: BankContext) -> BankView:
    """The whole screen."""
    entry, bank, text = context.memory, context.message.bank, context.text
    return BankView(
        store=context.say(context.message.store.name),
        bank=context.say(bank.name, bank.id),
        headline=text("kiosk.bank.headline"),
        hint=text("kiosk.bank.hint"),
        url=bank.url,
        phone=text("kiosk.bank.phone"),
        phone_note=text("kiosk.bank.phone_note"),
        slots=tuple(entry.digits.ljust(LENGTH)[place].strip() for place in range(LENGTH)),
        note=_note(context),
        warns=bool(pause_left_s(entry, context.at)) or context.offline,
        open_key=text("kiosk.bank.open"),
        ready=ready(entry, context.at),
        answer=_answer(entry.progress, context) if entry.progress else None,
        store_key=text("kiosk_lockers.deposit") if context.service and "lockers" in context.shown else "",
    )


def _note(context: BankContext) -> str:
    entry, text = context.memory, context.text
    if left := pause_left_s(entry, context.at):
        return text("kiosk.bank.wait", seconds=left)
    if entry.asking:
        return text("kiosk.bank.asking")
    return text("kiosk.bank.offline" if context.offline else "kiosk.bank.enter")


def _answer(progress: Progress, context: BankContext) -> ResultView:
    if progress.fee:
        return _late(progress.fee, context)
    text = context.text
    sentence, advice = progress.sentence, progress.advice
    if progress.refused:
        sentence = progress.refused.in_language(context.language)
    elif progress.lost:
        sentence, advice = text("kiosk.bank.lost"), text("kiosk.bank.lost_note")
    door = progress.door or ("!" if progress.tone == "bad" else "")
    return ResultView(progress.tone, door, sentence, advice, _key(progress, context))


def _late(fee: Fee, context: BankContext) -> ResultView:
    text = context.text
    return ResultView(
        "ask",
        fee.door,
        text("kiosk.bank.late", money=fee.money),
        text("kiosk_lockers.fee_pay", door=fee.door),
        text("kiosk.bank.not_now"),
        text("kiosk_lockers.open_fee", money=fee.money),
    )


def _key(progress: Progress, context: BankContext) -> str:
    if progress.tone == "wait":
        return ""
    return context.text("kiosk.bank.again" if progress.tone == "bad" else "kiosk.bank.next")
