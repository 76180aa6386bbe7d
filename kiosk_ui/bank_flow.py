"""Collecting at a bank's screen, without a window: the digits so far, what was asked, and what came of it.

`at` is the monotonic clock in seconds. Nothing here knows whether digits are right: the gateway says so.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

LENGTH: Final = 6
"""Digits of a collect code."""
Tone = Literal["wait", "ok", "bad"]

OPEN_S: Final = 30.0
"""How long the answer about an open door stays, unless somebody touches it away: the next one may be waiting."""
DONE_S: Final = 8.0
BAD_S: Final = 20.0
"""Long enough to read a reason twice."""


class Said(msgspec.Struct, frozen=True):
    """What the gateway says about digits, in the shopper's language."""

    tone: Tone
    sentence: str
    advice: str = ""
    door: str = ""
    done: bool = False
    """Whether nothing more will follow by itself."""
    wait_s: int = 0
    """For so long the bank takes no digits."""


class Entry(msgspec.Struct, frozen=True):
    """Where one shopper stands."""

    digits: str = ""
    asking: bool = False
    said: Said | None = None
    said_at: float = 0.0
    wait_until: float = 0.0
    """Until then the bank takes no digits."""


def press(entry: Entry, key: str) -> Entry:
    """A key of the pad was touched: a digit, or `back`."""
    if entry.asking or entry.said is not None:
        return entry
    digits = entry.digits[:-1] if key == "back" else (entry.digits + key)[:LENGTH]
    return msgspec.structs.replace(entry, digits=digits)


def ready(entry: Entry, at: float) -> bool:
    """Whether the digits can be sent."""
    return len(entry.digits) == LENGTH and not entry.asking and entry.said is None and not waits(entry, at)


def waits(entry: Entry, at: float) -> int:
    """How many seconds the bank takes no digits; 0 is none."""
    return max(0, int(-(-(entry.wait_until - at) // 1)))


def ask(entry: Entry) -> Entry:
    """The digits are on their way."""
    return msgspec.structs.replace(entry, asking=True)


def answer(entry: Entry, said: Said, at: float) -> Entry:
    """The gateway says something. Right digits are gone from the glass at once; wrong ones too."""
    if not entry.asking:
        return entry
    until = at + said.wait_s if said.wait_s else entry.wait_until
    return msgspec.structs.replace(entry, digits="", asking=not said.done, said=said, said_at=at, wait_until=until)


def dismiss(entry: Entry) -> Entry:
    """Somebody has read it. The bank's pause goes on."""
    return Entry(wait_until=entry.wait_until)


def pass_time(entry: Entry, at: float) -> Entry:
    """A second went by: an answer that was read makes way for the next shopper."""
    if entry.said is None:
        return entry
    stays = BAD_S if entry.said.tone == "bad" else DONE_S if entry.said.done else OPEN_S
    return dismiss(entry) if at - entry.said_at >= stays else entry
