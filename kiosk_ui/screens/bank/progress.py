"""What comes of six digits at a bank, as the gateway tells it."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.answers.lockers import Fee
from kiosk_ui.gateway import Refused

Tone: TypeAlias = Literal["wait", "ok", "bad", "ask"]
OPENED: Final = frozenset({"open", "closed"})
FAILED: Final = frozenset({"failed", "back"})


class Progress(msgspec.Struct, frozen=True):
    """What the gateway says about digits, in the language that it was asked in."""

    tone: Tone
    sentence: str = ""
    advice: str = ""
    door: str = ""
    done: bool = False
    """Whether nothing more will follow by itself."""
    wait_s: int = 0
    """For so long the bank takes no digits."""
    fee: Fee | None = None
    """What is due first: the digits are good, and the door opens once it is agreed to."""
    opening: str = ""
    """By which the door is followed, and read about in another language."""
    refused: Refused | None = None
    """Why no door opens."""

    @property
    def lost(self) -> bool:
        """Nobody answered. Whether the door opened is not known here; that the code stays good is."""
        return self.tone == "bad" and not self.sentence


def of_opening(found: dict[str, Any]) -> Progress:
    """Where an opening stands."""
    stage = found["stage"]
    tone: Tone = "bad" if stage in FAILED else "ok" if stage in OPENED else "wait"
    return Progress(
        tone,
        str(found["sentence"]),
        str(found.get("advice") or ""),
        str(found["door"]),
        done=bool(found["done"]),
        opening=str(found["opening"]),
    )


def of_fee(found: dict[str, Any]) -> Progress:
    """A late fee that is due first."""
    fee = msgspec.convert(found, Fee)
    return Progress("ask", door=fee.door, done=True, fee=fee)


def of_refusal(found: dict[str, Any], language: str) -> Progress:
    """Why no door opens, in the words of a problem document."""
    refused = Refused(str(found["code"]), str(found["detail"]), found, language)
    return Progress("bad", refused.sentence, done=True, wait_s=int(found.get("seconds", 0)), refused=refused)
