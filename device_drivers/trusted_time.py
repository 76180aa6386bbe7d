"""Whether this box knows what time it is.

One that just woke up may think that it is 1970; until a time daemon has set its clock, it judges nothing by dates.
"""

from __future__ import annotations

import ctypes
import time
from typing import Final

import msgspec

_UNSYNCHRONISED: Final = 0x40
"""`STA_UNSYNC` of adjtimex(2)."""
EARLIEST: Final = 1_735_689_600
"""2025-01-01, Unix seconds: no box of this version lives earlier, whatever its clock and its kernel say."""


class Kernel(msgspec.Struct, frozen=True):
    """What the kernel says of its clock."""

    synchronised: bool
    """Whether a time daemon keeps it."""
    error_s: float
    """By how much it may be wrong, by its own account."""


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_char * 256),
    )  # fmt: skip


def is_trusted() -> bool:
    """Whether the wall clock may be used to judge dates."""
    return synchronised() and time.time() >= EARLIEST


def synchronised() -> bool:
    """Whether the kernel's clock is kept by a time daemon."""
    state = kernel()
    return state is not None and state.synchronised


def kernel() -> Kernel | None:
    """What adjtimex(2) says, which anybody may ask; none where this system has no such call."""
    asked = _Timex()  # modes 0 only reads
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    except (AttributeError, OSError):
        return None
    if answer < 0:
        return None
    return Kernel(not asked.status & _UNSYNCHRONISED, asked.maxerror / 1e6)
