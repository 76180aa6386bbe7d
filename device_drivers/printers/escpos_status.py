"""What an ESC/POS printer says of itself, parsed. Pure: bytes in, values out.

Status bytes carry no name: which question a reply belongs to is known by its order alone, and only one kind of reply
can be told from another by its fixed bits (Epson ESC/POS reference, DLE EOT, GS r, GS a, GS ( H).
"""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract import PaperState, Reason, State

QUESTIONS: Final = (1, 2, 4)
"""`DLE EOT n`: is it online, why not, how much paper."""
ERROR_CAUSE: Final = 3
CLEAR: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""`DLE DC4 8`: forgets everything that was sent and is not on paper yet, also while the printer is stopped."""
CLEARED: Final = b"\x37\x25"
FLUSH: Final = bytes(2048)
"""Ends a command that a broken-off job left half sent; longer than any command a slip has."""
PAPER_STATUS: Final = b"\x1dr1"
"""`GS r`, answered when everything before it has been carried out."""
MODEL: Final = b"\x1dI\x01"
"""`GS I 1`, answered in turn like `GS r`, with one byte that names the model."""
PAPER_ANSWERS: Final = frozenset({0x00, 0x03, 0x0C, 0x0F})
"""What `GS r 1` may be answered with: plenty, low, out, both."""

_BLOCK_HEADERS: Final = frozenset(b"\x35\x37\x3b\x3d\x5f")
_FLOW: Final = frozenset(b"\x11\x13")
"""XON and XOFF of a serial line."""


def question(number: int) -> bytes:
    """`DLE EOT n`, answered at once, also by a printer that has stopped."""
    return b"\x10\x04" + bytes([number])


def process_id(number: int) -> bytes:
    """`GS ( H`: asks the printer to say this number (0 to 9999) when everything before it is printed."""
    return b"\x1d(H\x06\x000\x30" + f"{number:04d}".encode("ascii")


class Replies:
    """Sorts the bytes that come back; a reply may arrive in pieces."""

    def __init__(self) -> None:
        self._rest = b""
        self.real_time: list[int] = []
        """Answers to `DLE EOT`, in order."""
        self.in_order: list[int] = []
        """Answers to `GS r` and `GS I`."""
        self.blocks: list[bytes] = []
        """Answers in several bytes, without the NUL at their end."""
        self.stray = 0
        """Bytes that answer nothing at all: noise, or somebody else's text."""

    def feed(self, data: bytes) -> None:
        """Takes what arrived."""
        self._rest += data
        while self._rest and (taken := self._take(self._rest)):
            self._rest = self._rest[taken:]

    def _take(self, data: bytes) -> int:
        """How many bytes the first reply takes; 0 where it is not complete yet."""
        first = data[0]
        if first in _BLOCK_HEADERS:
            end = data.find(0)
            if end >= 0:
                self.blocks.append(data[:end])
            return end + 1
        if first & 0x93 == 0x12:
            self.real_time.append(first)
        elif first & 0x93 == 0x10:
            return 4 if len(data) >= 4 else 0  # automatic status, which somebody else switched on
        elif first & 0x90 == 0:
            self.in_order.append(first)
        elif first not in _FLOW:
            self.stray += 1
        return 1

    def confirmed(self, number: int) -> bool:
        """Whether `process_id(number)` was answered."""
        return b'\x37"' + f"{number:04d}".encode("ascii") in self.blocks


class Condition(msgspec.Struct, frozen=True):
    """How the printer is, as far as it says so."""

    paper: PaperState = "unknown"
    cover: str = "unknown"
    online: bool | None = None
    trouble: Reason | None = None
    """Why it does not print now."""

    @property
    def state(self) -> State:
        """The same for the gateway."""
        return State(paper=self.paper, cover=self.cover, online=self.online)


UNKNOWN: Final = Condition()
AWAY: Final = Condition(online=False)


def condition(answers: dict[int, int]) -> Condition:
    """The replies to `DLE EOT`, by question; what was not answered stays unknown."""
    printer, cause, error, roll = (answers.get(number) for number in (1, 2, ERROR_CAUSE, 4))
    cover = "unknown" if cause is None else "open" if cause & 0x04 else "closed"
    paper = _paper(cause, roll)
    online = None if printer is None else not printer & 0x08
    return Condition(paper, cover, online, _trouble(paper, cover, online, cause, error))


def _paper(cause: int | None, roll: int | None) -> PaperState:
    if (roll is not None and roll & 0x60) or (cause is not None and cause & 0x20):
        return "out"
    if roll is None:
        return "unknown"
    return "low" if roll & 0x0C else "ok"


def _trouble(paper: PaperState, cover: str, online: bool | None, cause: int | None, error: int | None) -> Reason | None:
    # An open cover comes first: with the lid up the paper sensor sees nothing, whatever lies in the tray.
    if cover == "open":
        return Reason.COVER_OPEN
    if paper == "out":
        return Reason.PAPER_OUT
    if error is not None and error & 0x08:
        return Reason.JAMMED  # the cutter
    if online is False or (cause is not None and cause & 0x40):
        return Reason.OFFLINE
    return None
