"""A cart in a dock whose hook hangs on a Waveshare relay board. Each cart is one device; they share the port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.locks.dock import Dock
from device_drivers.locks.doors import board_of, lock_at
from device_drivers.locks.waveshare import LINE, Channels, Pulse
from device_drivers.locks.waveshare_frames import RelayBoard
from device_drivers.locks.wiring import Wiring

if TYPE_CHECKING:
    from pathlib import Path


class Settings(Wiring, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the cart's hook is. `channels`, `inputs` and `pulse_ms` MUST be the same for all carts of a board."""

    lock: str
    """The hook as `board/relay`, the relay as printed on the board, from 1: `1/7`."""
    channels: Channels = 8
    """Relays on the board."""
    inputs: bool = True
    """Whether input n is wired to the contact of the hook on relay n."""
    pulse_ms: Pulse = 500
    """How long the hook gets power, in steps of 100 ms. The board ends it by itself."""


class Driver(Dock):
    """The cart."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        address = board_of(settings.lock)
        board = RelayBoard(address, settings.channels, settings.inputs, settings.pulse_ms // 100)
        super().__init__(lock_at({address: board}, settings.lock), settings, LINE, blind=not settings.inputs)
