"""What is to be seen at a bank's screen: every word, ready to be drawn."""

from __future__ import annotations

import msgspec

from kiosk_ui import texts
from kiosk_ui.screens.bank.entry import LENGTH, Keypad, ready, waits
from kiosk_ui.screens.bank.progress import Progress


class Answer(msgspec.Struct, frozen=True):
    """What came of it, large."""

    tone: str
    door: str
    """Its number, or a mark where there is none."""
    sentence: str
    advice: str
    key: str
    """On the button that makes room for the next shopper; empty while there is nothing to dismiss."""


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
    answer: Answer | None


def view(keypad: Keypad) -> BankView:
    """The whole screen."""
    entry, words, bank = keypad.memory, keypad.words, keypad.message.bank
    return BankView(
        store=keypad.say(keypad.message.store.name),
        bank=keypad.say(bank.name, bank.id),
        headline=words.bank_headline,
        hint=words.bank_hint,
        url=bank.url,
        phone=words.bank_phone,
        phone_note=words.bank_phone_note,
        slots=tuple(entry.digits.ljust(LENGTH)[place].strip() for place in range(LENGTH)),
        note=_note(keypad),
        warns=bool(waits(entry, keypad.at)) or keypad.offline,
        open_key=words.bank_open,
        ready=ready(entry, keypad.at),
        answer=_answer(entry.progress, words) if entry.progress else None,
    )


def _note(keypad: Keypad) -> str:
    entry, words = keypad.memory, keypad.words
    if left := waits(entry, keypad.at):
        return words.bank_wait.format(seconds=left)
    if entry.asking:
        return words.bank_asking
    return words.bank_offline if keypad.offline else words.bank_enter


def _answer(progress: Progress, words: texts.Texts) -> Answer:
    key = "" if progress.tone == "wait" else words.bank_again if progress.tone == "bad" else words.bank_next
    door = progress.door or ("!" if progress.tone == "bad" else "")
    return Answer(progress.tone, door, progress.sentence, progress.advice, key)
