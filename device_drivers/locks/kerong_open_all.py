"""Opens every lock of every board on a wire at once. The only place in which such a frame is made.

No driver imports this; a test holds it to that. It is for the person who has to empty a bank in an emergency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device_drivers.locks.kerong_frames import Dialect

if TYPE_CHECKING:
    from device_drivers.transports import Transport

SENTENCE: Final = "open every lock"
"""What has to be said, so that nobody does it by mistake."""
_FRAMES: Final = {
    Dialect.CU48: bytes.fromhex("020A3051 0390"),
    Dialect.CU48B: bytes.fromhex("020A3061 03A0"),
    Dialect.CU16: bytes.fromhex("02F033 0328"),
}


def open_every_lock(transport: Transport, dialect: Dialect, said: str) -> None:
    """Sends it, once. Raises `PermissionError` where `said` is not `SENTENCE`, and `OSError` where the port is lost."""
    if said != SENTENCE:
        raise PermissionError(f"opening everything has to be asked for with the words {SENTENCE!r}, not {said!r}")
    transport.open()
    try:
        transport.write(_FRAMES[dialect])
    finally:
        transport.close()
