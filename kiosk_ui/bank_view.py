"""What is to be seen at a bank's screen: every word, ready to be drawn."""

from __future__ import annotations

import msgspec

from device_drivers.contract import BankKeypad
from kiosk_ui import bank_flow, flow, texts
from kiosk_ui.view import in_language


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
    busy: bool
    language_button: str
    large_button: str
    large: bool
    answer: Answer | None


def see(state: flow.State, scene: BankKeypad, at: float) -> BankView:
    """The bank's screen for this state at this moment."""
    entry = state.entry
    words = texts.load(state.language)
    following = flow.next_language(state)
    left = bank_flow.waits(entry, at)
    lost = state.lost_at is not None and at - state.lost_at >= flow.GRACE_S
    note = words.bank_wait.format(seconds=left) if left else words.bank_asking if entry.asking else words.bank_enter
    if lost and not left and not entry.asking:
        note = words.bank_offline
    return BankView(
        store=in_language(scene.store.name, state.language),
        bank=in_language(scene.bank.name, state.language, scene.bank.id),
        headline=words.bank_headline,
        hint=words.bank_hint,
        url=scene.bank.url,
        phone=words.bank_phone,
        phone_note=words.bank_phone_note,
        slots=tuple(entry.digits.ljust(bank_flow.LENGTH)[place].strip() for place in range(bank_flow.LENGTH)),
        note=note,
        warns=bool(left) or lost,
        open_key=words.bank_open,
        ready=bank_flow.ready(entry, at),
        busy=entry.asking,
        language_button="" if following == state.language else texts.load(following).short,
        large_button=words.normal if state.large else words.large,
        large=state.large,
        answer=_answer(entry.said, words) if entry.said else None,
    )


def _answer(said: bank_flow.Said, words: texts.Texts) -> Answer:
    key = "" if said.tone == "wait" else words.bank_again if said.tone == "bad" else words.bank_next
    door = said.door or ("!" if said.tone == "bad" else "")
    return Answer(said.tone, door, said.sentence, said.advice, key)
