"""Whether this box knows what time it is.

One that just woke up may think that it is 1970; until a time daemon has set its clock, it judges nothing by dates.
"""

from __future__ import annotations

import ctypes
import time
from typing import Final

_UNSYNCHRONISED: Final = 0x40
"""`STA_UNSYNC` of adjtimex(2)."""
EARLIEST: Final = 1_735_689_600
"""2025-01-01, Unix seconds: no box of this version lives earlier, whatever its clock and its kernel say."""


def is_trusted() -> bool:
    """Whether the wall clock may be used to judge dates."""
    return synchronised() and time.time() >= EARLIEST


def synchronised() -> bool:
    """Whether the kernel's clock is kept by a time daemon (adjtimex(2))."""
    try:
        asked = (ctypes.c_long * 64)()  # struct timex is 208 bytes; modes 0 only reads
        state = ctypes.CDLL(None, use_errno=True).adjtimex(asked)
    except (OSError, AttributeError):
        return False
    status = ctypes.cast(ctypes.byref(asked, 40), ctypes.POINTER(ctypes.c_int))[0]
    return state >= 0 and not status & _UNSYNCHRONISED
