"""One conversation with a payment terminal: what it is told it acknowledges, and then says how it went."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final

from edge.gateway.payments import zvt
from edge.settings.payments import TerminalSettings

CONNECT_S: Final = 3.0
REPLY_S: Final = 10.0
"""How long a terminal may take for what needs no card."""
STEP_S: Final = 35.0
"""How long it may say nothing while it works: it sends word in between."""
QUIET_S: Final = 0.05
"""What it still says within this, before it is told something, is no answer to that."""


class TerminalLost(Exception):
    """The terminal says nothing, or nothing that can be read."""


class TerminalConnection:
    """One conversation with a terminal."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send_command(self, command: zvt.Apdu) -> None:
        """Send a command; it is acknowledged. Raises `TerminalLost`, and `PermissionError` where it is refused."""
        await self._discard()
        self._forget_unheard(True)
        await self.send(command)
        answer = await self.receive(REPLY_S)
        if answer.code[0] == zvt.REFUSED:
            raise PermissionError(f"{answer.code[1]:02x}")
        if answer.code != zvt.DONE:
            raise TerminalLost(f"expected an acknowledgement; found {bytes(answer.code).hex()}")

    async def _discard(self) -> None:
        """Leave out what it says twice. Raises `TerminalLost`."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(QUIET_S):
                    while await self._reader.read(1024):
                        pass
                    raise TerminalLost("it hung up")
        except OSError as error:
            raise TerminalLost(type(error).__name__) from None

    def _forget_unheard(self, forget: bool) -> None:
        """Whether what was sent and is not heard yet is lost with the line, also where this box dies: a terminal that
        was frozen, or without its cable, asks for no card once nobody waits for the answer.
        """
        sock: socket.socket = self._writer.get_extra_info("socket")
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", forget, 0))

    async def receive(self, seconds: float) -> zvt.Apdu:
        """The next thing that the terminal says. Raises `TerminalLost`."""
        try:
            async with asyncio.timeout(seconds):
                head = await self._reader.readexactly(3)
                size = head[2] if head[2] < 0xFF else int.from_bytes(await self._reader.readexactly(2), "little")
                return zvt.Apdu((head[0], head[1]), await self._reader.readexactly(size))
        except (TimeoutError, OSError, EOFError) as error:
            raise TerminalLost(type(error).__name__) from None

    async def acknowledge(self) -> None:
        """Say that it was heard."""
        await self.send(zvt.Apdu(zvt.DONE))

    async def send(self, command: zvt.Apdu) -> None:
        """Send without waiting for an answer. Raises `TerminalLost`."""
        try:
            self._writer.write(command.wire)
            async with asyncio.timeout(REPLY_S):
                await self._writer.drain()
        except (TimeoutError, OSError) as error:
            raise TerminalLost(type(error).__name__) from None

    async def wait_for_end(self, seconds: float) -> tuple[zvt.TerminalResult | None, int | None]:
        """Listen until the terminal has done what it was told. Returns what it says of the payment, and why it gave
        up, where it did. Raises `TerminalLost`.
        """
        said: zvt.TerminalResult | None = None
        async with asyncio.timeout(seconds):
            while True:
                heard = await self.receive(STEP_S)
                if heard.code == zvt.DONE or heard.code[0] == zvt.REFUSED:
                    continue  # of what was said meanwhile: that it may give up
                await self.acknowledge()
                if heard.code == zvt.STATUS:
                    said = zvt.parse_status(heard.data)
                elif heard.code in (zvt.COMPLETION, zvt.ABORTED):
                    self._forget_unheard(False)
                    return said, None if heard.code == zvt.COMPLETION else heard.data[0] if heard.data else 0xFF

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def connect(terminal: TerminalSettings, currency: str) -> TerminalConnection:
    """A conversation that has begun. Raises `TerminalLost`."""
    try:
        async with asyncio.timeout(CONNECT_S):
            line = TerminalConnection(*await asyncio.open_connection(terminal.host, terminal.port))
    except (TimeoutError, OSError, ValueError) as error:  # a name of a host can be none
        raise TerminalLost(type(error).__name__) from None
    try:
        await line.send_command(zvt.register(terminal.password, currency))
        await line.wait_for_end(REPLY_S)
    except (TerminalLost, PermissionError, TimeoutError) as error:
        line.close()
        raise TerminalLost(f"registration: {error}") from None
    return line


async def last_payment(line: TerminalConnection, terminal: TerminalSettings) -> zvt.TerminalResult | None:
    """The last payment; none where there was none since the day was closed. Raises `TerminalLost`, `TimeoutError`."""
    try:
        await line.send_command(zvt.repeat(terminal.password))
    except PermissionError:
        return None
    said, _ = await line.wait_for_end(REPLY_S)
    return said
