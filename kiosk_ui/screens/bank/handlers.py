"""Collecting at a bank's screen: the digits so far, what was asked, and what came of it.

Nothing here knows whether digits are right: the gateway says so.
"""

from __future__ import annotations

from functools import partial
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract import BankKeypad
from kiosk_ui.screen import Context, Step
from kiosk_ui.screens.bank.collecting import collect, look
from kiosk_ui.screens.bank.progress import Progress

LENGTH: Final = 6
"""Digits of a collect code."""
OPEN_S: Final = 30.0
"""How long the answer about an open door stays, unless somebody touches it away: the next one may be waiting."""
BELL_S: Final = 15.0
"""How often an open door is heard."""
DONE_S: Final = 8.0
BAD_S: Final = 20.0
"""Long enough to read a reason twice."""
ASK_S: Final = 30.0
"""How long a late fee is asked about."""
STAYS: Final = {"bad": BAD_S, "ask": ASK_S}


class Memory(msgspec.Struct, frozen=True):
    """Where one shopper stands."""

    digits: str = ""
    asking: bool = False
    progress: Progress | None = None
    progress_at: float = 0.0
    wait_until: float = 0.0
    """Until then the bank takes no digits."""
    language: str = ""
    """That the gateway was asked in."""


BankContext: TypeAlias = Context[BankKeypad, Memory]


def start(_at: float) -> Memory:
    """Nothing is entered."""
    return Memory()


def busy(entry: Memory) -> bool:
    """The gateway is asked, or a door is followed."""
    return entry.asking


def sound(context: BankContext) -> str:
    """A door that opened, softly again while it stays open, and what did not work."""
    entry = context.memory
    if entry.progress is None or entry.progress.tone in ("wait", "ask"):
        return ""
    again = int((context.at - entry.progress_at) // BELL_S) if entry.asking else 0
    return "refused" if entry.progress.tone == "bad" else f"bell/{again}" if again else "open"


def press(context: BankContext, key: str) -> Step[Memory]:
    """A key of the pad was touched: a digit, or `back`."""
    entry = context.memory
    if entry.asking or entry.progress is not None:
        return Step(entry)
    digits = entry.digits[:-1] if key == "back" else (entry.digits + key)[:LENGTH]
    return Step(msgspec.structs.replace(entry, digits=digits))


def submit(context: BankContext, _argument: str) -> Step[Memory]:
    """The key that opens was touched: where six digits are there, they go to the gateway. So they do once more with
    the late fee, where that was agreed to.
    """
    entry = context.memory
    fee = entry.progress.fee if entry.progress else None
    if not (fee or ready(entry, context.at)):
        return Step(entry)
    job = partial(collect, context.message, entry.digits, fee.asks if fee else 0, context.language, context.routes)
    return Step(msgspec.structs.replace(entry, asking=True, progress=None, language=context.language), job)


def dismiss(context: BankContext, _argument: str) -> Step[Memory]:
    """The answer was read."""
    return Step(on_idle(context))


def on_idle(context: BankContext) -> Memory:
    """The next shopper's entry. The bank's pause goes on."""
    return Memory(wait_until=context.memory.wait_until)


def on_result(context: BankContext, progress: Progress) -> Memory:
    """The gateway says something. Right digits are gone from the glass at once; wrong ones too. Those whose late fee is
    asked about are kept for the answer; the pad does not show then.
    """
    entry = context.memory
    until = context.at + progress.wait_s if progress.wait_s else entry.wait_until
    digits = entry.digits if progress.fee else ""
    return Memory(digits, not progress.done, progress, context.at, until, entry.language)


def on_tick(context: BankContext) -> Memory | Step[Memory]:
    """A second went by: an answer that was read makes way for the next shopper. In another language the gateway is
    asked for it once more.
    """
    entry = context.memory
    if entry.progress is None:
        return entry
    stays = STAYS.get(entry.progress.tone) or (DONE_S if entry.progress.done else OPEN_S)
    if context.at - entry.progress_at >= stays:
        return on_idle(context)
    if entry.language == context.language or not entry.progress.opening:
        return entry
    job = partial(look, context.message, entry.progress.opening, context.language, context.routes)
    return Step(msgspec.structs.replace(entry, asking=True, language=context.language), job)


def ready(entry: Memory, at: float) -> bool:
    """Whether the digits can be sent."""
    return len(entry.digits) == LENGTH and not entry.asking and entry.progress is None and not pause_left_s(entry, at)


def pause_left_s(entry: Memory, at: float) -> int:
    """How many seconds the bank takes no digits; 0 is none."""
    return max(0, int(-(-(entry.wait_until - at) // 1)))
