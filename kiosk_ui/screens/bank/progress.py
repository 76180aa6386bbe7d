"""What comes of six digits at a bank, as the gateway tells it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.answers.lockers import Fee
from kiosk_ui.gateway import Refused, Unreachable

Tone: TypeAlias = Literal["wait", "ok", "bad", "ask"]
OPENED: Final = frozenset({"open", "closed"})
FAILED: Final = frozenset({"failed", "back"})


class BankOpening(msgspec.Struct, frozen=True):
    """Where an opening stands, as a bank's own interface tells it."""

    opening: str
    door: str
    stage: str
    done: bool
    sentence: str
    advice: str | None = None


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


def of(said: BankOpening | Fee | Refused | Unreachable) -> Progress:
    """Where an opening stands, a late fee that is due first, or why no door opens."""
    if isinstance(said, Fee):
        return Progress("ask", door=said.door, done=True, fee=said)
    if isinstance(said, Refused):
        return Progress("bad", said.sentence, done=True, wait_s=said.wait_s, refused=said)
    if isinstance(said, Unreachable):
        return Progress("bad", done=True)
    tone: Tone = "bad" if said.stage in FAILED else "ok" if said.stage in OPENED else "wait"
    return Progress(tone, said.sentence, said.advice or "", said.door, done=said.done, opening=said.opening)
