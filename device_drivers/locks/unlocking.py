"""How an attempt to open a lock ends."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from device_drivers.driver import EXPIRED, Outcome, Reason, Result

if TYPE_CHECKING:
    from device_drivers.locks.board import Reading


class UnlockEnd(Enum):
    """What is to be answered."""

    RELEASED = Result(Outcome.DONE)
    ALREADY = Result(Outcome.ALREADY)
    JAMMED = Result(Outcome.FAILED, Reason.JAMMED)
    NO_RESPONSE = Result(Outcome.FAILED, Reason.NO_RESPONSE)
    PORT_LOST = Result(Outcome.FAILED, Reason.PORT_LOST)
    EXPIRED = EXPIRED


class Unlocking(msgspec.Struct, frozen=True):
    """What came of it."""

    end: UnlockEnd
    pulsed: bool
    """Whether the pulse went out; where the port was lost over it, some of it may have."""
    reading: Reading | None = None
    """What the board said last."""
