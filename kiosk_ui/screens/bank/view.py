"""What is to be seen at a bank's screen: every word, ready to be drawn."""

from __future__ import annotations

import msgspec

from device_drivers.contract.answers.lockers import Fee
from kiosk_ui.screens.bank.entry import LENGTH, Keypad, ready, waits
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


def view(keypad: Keypad) -> BankView:
    """The whole screen."""
    entry, bank, text = keypad.memory, keypad.message.bank, keypad.text
    return BankView(
        store=keypad.say(keypad.message.store.name),
        bank=keypad.say(bank.name, bank.id),
        headline=text("kiosk.bank.headline"),
        hint=text("kiosk.bank.hint"),
        url=bank.url,
        phone=text("kiosk.bank.phone"),
        phone_note=text("kiosk.bank.phone_note"),
        slots=tuple(entry.digits.ljust(LENGTH)[place].strip() for place in range(LENGTH)),
        note=_note(keypad),
        warns=bool(waits(entry, keypad.at)) or keypad.offline,
        open_key=text("kiosk.bank.open"),
        ready=ready(entry, keypad.at),
        answer=_answer(entry.progress, keypad) if entry.progress else None,
        store_key=text("kiosk_lockers.deposit") if keypad.service and "lockers" in keypad.shown else "",
    )


def _note(keypad: Keypad) -> str:
    entry, text = keypad.memory, keypad.text
    if left := waits(entry, keypad.at):
        return text("kiosk.bank.wait", seconds=left)
    if entry.asking:
        return text("kiosk.bank.asking")
    return text("kiosk.bank.offline" if keypad.offline else "kiosk.bank.enter")


def _answer(progress: Progress, keypad: Keypad) -> ResultView:
    if progress.fee:
        return _late(progress.fee, keypad)
    text = keypad.text
    sentence, advice = progress.sentence, progress.advice
    if progress.refused:
        sentence = progress.refused.in_language(keypad.language)
    elif progress.lost:
        sentence, advice = text("kiosk.bank.lost"), text("kiosk.bank.lost_note")
    door = progress.door or ("!" if progress.tone == "bad" else "")
    return ResultView(progress.tone, door, sentence, advice, _key(progress, keypad))


def _late(fee: Fee, keypad: Keypad) -> ResultView:
    text = keypad.text
    return ResultView(
        "ask",
        fee.door,
        text("kiosk.bank.late", money=fee.money),
        text("kiosk_lockers.fee_pay", door=fee.door),
        text("kiosk.bank.not_now"),
        text("kiosk_lockers.open_fee", money=fee.money),
    )


def _key(progress: Progress, keypad: Keypad) -> str:
    if progress.tone == "wait":
        return ""
    return keypad.text("kiosk.bank.again" if progress.tone == "bad" else "kiosk.bank.next")
