"""A door that is asked to open is lit, where its bank has lights: whoever stands before sixty doors sees which one.

Nothing is recorded of it, and nothing waits for it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from device_drivers.contract import Find, Verb
from edge.bus import Bus, NoReply
from edge.domain.commands import DeviceCommand
from edge.errors import BusDown

LIT_S: Final = 120.0
"""How long a door is lit at most; its bank ends it when it is closed."""
TTL_MS: Final = 3000


class DoorLights:
    """Told of every command that goes to a device."""

    def __init__(self, bus: Bus, has_light: Callable[[str, str], bool]) -> None:
        """`has_light` is asked for a bank and its door."""
        self._bus = bus
        self._has_light = has_light
        self._under_way: set[asyncio.Task[None]] = set()

    def sent(self, command: DeviceCommand) -> None:
        """Lights the door that this command opens."""
        door = command.args.get("door")
        if isinstance(door, str) and command.verb == Verb.UNLOCK and self._has_light(command.device, door):
            task = asyncio.create_task(self.light(command.device, door, command.fence), name="door light")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def light(self, bank: str, door: str, fence: int) -> None:
        """Lights this door, with the fence of what opens it. A bank that is not there stays dark."""
        with suppress(BusDown, NoReply):
            await self._bus.call(bank, Find(LIT_S, door), id=str(uuid.uuid4()), fence=fence, ttl_ms=TTL_MS)
