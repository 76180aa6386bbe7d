"""What comes of six digits at a bank, as the gateway tells it."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.answers.lockers import Fee

Tone: TypeAlias = Literal["wait", "ok", "bad", "ask"]
OPENED: Final = frozenset({"open", "closed"})
FAILED: Final = frozenset({"failed", "back"})


class Progress(msgspec.Struct, frozen=True):
    """What the gateway says about digits, in the shopper's language."""

    tone: Tone
    sentence: str
    advice: str = ""
    door: str = ""
    done: bool = False
    """Whether nothing more will follow by itself."""
    wait_s: int = 0
    """For so long the bank takes no digits."""
    fee: Fee | None = None
    """What is due first: the digits are good, and the door opens once it is agreed to."""


def of_opening(found: dict[str, Any]) -> Progress:
    """Where an opening stands."""
    stage = found["stage"]
    tone: Tone = "bad" if stage in FAILED else "ok" if stage in OPENED else "wait"
    return Progress(tone, found["sentence"], found.get("advice") or "", found["door"], done=bool(found["done"]))


def of_fee(found: dict[str, Any]) -> Progress:
    """A late fee that is due first."""
    fee = msgspec.convert(found, Fee)
    return Progress("ask", "", door=fee.door, done=True, fee=fee)


def of_refusal(found: dict[str, Any]) -> Progress:
    """Why no door opens, in the words of a problem document."""
    return Progress("bad", found["detail"], done=True, wait_s=int(found.get("seconds", 0)))
