"""How locks are wired, whatever board they are wired to: what every lock driver's settings share."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from device_drivers.locks.panel import Rhythm

Bit = Literal[0, 1]


class Wiring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The port, the polarities and the times."""

    url: Annotated[str, msgspec.Meta(min_length=1)]
    """The port: `serial:///dev/serial/by-id/…` or `tcp://10.0.3.20:5000`. Devices with the same URL share it."""
    closed_bit: Bit
    """What a contact reads while its lock is closed. It depends on the hook's switch: `devices probe` finds it out."""
    occupied_bit: Bit | None = None
    """What an object sensor reads while something is there; None where none is wired."""
    release_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 2.0
    """A lock whose contact still says closed so many seconds after the pulse is jammed."""
    poll_s: Annotated[float, msgspec.Meta(ge=0.3, le=1.0)] = 0.5
    """How often each board is asked while nothing is going on, in seconds."""
    reply_s: Annotated[float, msgspec.Meta(ge=0.02, le=2.0)] = 0.15
    """A board that has not answered after so many seconds did not. Raise it for a slow network."""

    @property
    def rhythm(self) -> Rhythm:
        """How the boards are asked."""
        return Rhythm(self.poll_s, self.reply_s)


def occupied(wiring: Wiring, sensor: bool | None) -> bool | None:
    """What an object sensor means; None where there is none."""
    return None if wiring.occupied_bit is None or sensor is None else sensor == bool(wiring.occupied_bit)
