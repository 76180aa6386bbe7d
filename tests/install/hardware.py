"""What hangs on the box: a lock board and a receipt printer on the network, a scanner on a serial port, two carts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tests.device_drivers.locks.kerong_emulator import TcpLine
from tests.device_drivers.printers.emulator import Printer, TcpPort
from tests.install.box import Box

HERE: Final = Path(__file__).parent
PORT: Final = "/dev/serial/by-id/usb-scanner"
CARTS: Final = ("cart-01", "cart-02")


class Hardware:
    """The machine shares the network of this one, so that what is on it is reached as in the other tests."""

    def __init__(self, folder: Path) -> None:
        self.board = TcpLine(folder, "cu48b")
        self.board.plug()
        self.printer = Printer()
        self._port = TcpPort(self.printer)

    @property
    def flags(self) -> str:
        """As `storekeeper setup` is told of it."""
        return f"--device {self.board.url} --device printer={self._port.url} --device scanner=serial://{PORT}"

    def plug_scanner_into(self, box: Box) -> None:
        """From now on there is a port."""
        box.take(HERE / "scanner.py", "/root/scanner.py")
        box.run(f"systemd-run --unit=scanner python3 /root/scanner.py {PORT} /run/before-scanner")
        box.until(f"ls {PORT}", PORT)

    @staticmethod
    def hold_before_scanner(box: Box, text: str) -> None:
        """Somebody scans."""
        box.run(f"printf '{text}\\r' > /run/before-scanner")

    @staticmethod
    def start_carts(box: Box) -> None:
        """Each has a computer of its own, that took its bundle."""
        box.take(HERE / "cart.py", "/root/cart.py")
        for cart in CARTS:
            command = f"/opt/storekeeper/current/bin/python3 cart.py {cart}.json {cart} /root/{cart}"
            box.run(f"systemd-run --unit={cart} --working-directory=/root {command}")

    def put_into(self, door: str) -> None:
        """The shopper puts something in, and shuts the door."""
        cabinet, lock = self.board.cabinets[0], int(door) - 1
        assert not cabinet.hooked[lock], f"door {door} is shut"
        cabinet.things[lock] = True
        cabinet.push_shut(lock)

    def opened(self) -> list[Any]:
        """Locks that got power, in order, as doors are called."""
        return [f"{lock + 1:02d}" for _, _, lock in self.board.pulses]

    def printed(self) -> bytes:
        """Everything that came out of the printer, text and codes."""
        assert self.printer.error is None, self.printer.error
        return b"".join(bytes(command.data) for command in self.printer.tape)

    def switch_off(self) -> None:
        """Everything."""
        self.board.stop()
        self._port.close()
        self.printer.switch_off()
