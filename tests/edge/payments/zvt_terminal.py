"""A payment terminal by ZVT over TCP, written from the protocol's tables: it shares no line with the driver."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

APPROVED, DECLINED, GAVE_UP = "00", "71", "6c"
PASSWORD = "123456"


class Machine:
    """Takes cards as it is told to; `port` is where it listens."""

    def __init__(self) -> None:
        self.card = APPROVED
        """What happens with the next card: a result, or `wait`."""
        self.cut = ""
        """Where the line breaks: `before` the card is charged, or `after`."""
        self.amount_off = 0
        self.gives_up = False
        """Whether it gives up after it has said that it is paid."""
        self.doubles = False
        """Whether it says twice what its last payment was."""
        self.nameless = False
        """Whether what it says of a payment begins with what nobody knows."""
        self.reads = True
        """Whether it hears what comes after it said what its last payment was."""
        self.currency = "0978"
        self.step: Callable[[str], None] = lambda _: None
        """Is told what it does next."""
        self.receipts: list[tuple[int, int, str]] = []
        """Number, hundredths, what became of it."""
        self.heard: list[str] = []
        self.silent: list[asyncio.StreamWriter] = []
        """The lines on which it hears nothing."""
        self._number = 40
        self._stop = asyncio.Event()
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._till, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()

    async def _till(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                command, data = await self._read(reader)
                if command == "8000":
                    continue
                self.heard.append(command)
                self.step(command)
                if command == "06b0":
                    writer.write(b"\x80\x00\x00")
                    continue
                await self._carry_out(command, data, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[str, bytes]:
        head = await reader.readexactly(3)
        length = head[2]
        if length == 255:
            length = struct.unpack("<H", await reader.readexactly(2))[0]
        return head[:2].hex(), await reader.readexactly(length)

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: str) -> None:
        """Says something; the till must acknowledge it. An abort of the till's may come before that."""
        writer.write(bytes.fromhex(text))
        while True:
            command, _ = await self._read(reader)
            if command == "8000":
                return
            self.heard.append(command)
            assert command == "06b0", command
            writer.write(b"\x80\x00\x00")
            self._stop.set()

    def _status(self, result: str, hundredths: int, number: int) -> str:
        card = "8b" + "f0f5" + b"Visa\x00".hex()
        pan = "22" + "f0f8" + "499999eeeeee1234"
        extra = "06" + "04" + "41023230"
        unknown = "99" if self.nameless else ""
        money = f"04{hundredths:012}49{self.currency}"
        body = f"{unknown}27{result}{money}87{number:04}0b{number:06}0c1204550d1126{pan}{card}{extra}"
        return f"040f{len(body) // 2:02x}{body}"

    async def _carry_out(
        self, command: str, data: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if command == "0600":
            assert data[:3].hex() == PASSWORD, "password"
            assert data[4:6].hex() == "0978", "euro"
            writer.write(b"\x80\x00\x00")
            await self._tell(reader, writer, "060f00")
        elif command == "0620":
            assert data[:3].hex() == PASSWORD
            assert data[3:5].hex() == "0303", "no paper, a status"
            if not self.receipts:
                writer.write(bytes.fromhex("840100" * (1 + self.doubles)))
                return
            writer.write(b"\x80\x00\x00")
            number, hundredths, _ = self.receipts[-1]
            status = self._status("00", hundredths, number)
            await self._tell(reader, writer, status)
            await self._tell(reader, writer, "060f00")
            if self.doubles:
                writer.write(bytes.fromhex(f"800000{status}060f00"))
            if not self.reads:
                writer.transport.pause_reading()  # type: ignore[attr-defined]
                self.silent.append(writer)
        elif command == "0601":
            await self._authorise(data, reader, writer)
        elif command == "0630":
            await self._reverse(data, reader, writer)
        else:
            writer.write(bytes.fromhex("848300"))

    async def _authorise(self, data: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert data[0] == 0x04
        assert data[7:10].hex() == "490978"
        hundredths = int(data[1:7].hex())
        writer.write(b"\x80\x00\x00")
        await self._tell(reader, writer, "04ff010a")
        if self.card == "wait":
            if not self._stop.is_set():
                await self._listen(reader, writer)
            self._stop.clear()
            await self._tell(reader, writer, self._status(GAVE_UP, hundredths, 0))
            await self._tell(reader, writer, "061e016c")
            return
        if self.cut == "before":
            writer.transport.abort()
            return
        if self.card != APPROVED:
            await self._tell(reader, writer, self._status(self.card, hundredths, 0))
            await self._tell(reader, writer, f"061e01{self.card}")
            return
        self._number += 1
        self.receipts.append((self._number, hundredths + self.amount_off, "paid"))
        self.step("charged")
        if self.cut == "after":
            writer.transport.abort()
            return
        await self._tell(reader, writer, self._status("00", hundredths + self.amount_off, self._number))
        await self._tell(reader, writer, "061e016c" if self.gives_up else "060f00")

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command, _ = await self._read(reader)
        self.heard.append(command)
        assert command == "06b0"
        writer.write(b"\x80\x00\x00")

    async def _reverse(self, data: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert data[:3].hex() == PASSWORD
        assert data[3] == 0x87
        number = int(data[4:6].hex())
        found = next((each for each in self.receipts if each[0] == number and each[2] == "paid"), None)
        if found is None:
            writer.write(bytes.fromhex("846400"))
            return
        writer.write(b"\x80\x00\x00")
        self.receipts[self.receipts.index(found)] = (number, found[1], "reversed")
        self._number += 1
        self.receipts.append((self._number, found[1], "reversal"))
        self.step("given back")
        if self.cut == "after":
            writer.transport.abort()
            return
        await self._tell(reader, writer, self._status("00", found[1], self._number))
        await self._tell(reader, writer, "060f00")
