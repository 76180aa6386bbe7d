"""A printer on a port, and the driver for it."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import ContractError, instruction
from device_drivers.driver import Outcome, Reason, Result
from device_drivers.printers.escpos import Driver, Settings
from tests.device_drivers.printers.emulator import Printer, PtyPort, TcpPort
from tests.device_drivers.printers.interpreter import Interpreter, Slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.device_drivers.conftest import Heard

QUICK = {"poll_s": 0.0, "status_s": 10.0, "print_s": 60.0}
"""It waits long for what comes at once: a busy machine may be slow to say it."""


class Counter:
    """A printer, its port, and a driver that runs."""

    def __init__(self, folder: Path, heard: Heard, printer: Printer, port: TcpPort, **settings: Any) -> None:
        self.printer, self.port, self.heard = printer, port, heard
        self._folder = folder
        self._settings = Settings(**{"url": port.url, **QUICK, **settings})
        self.driver = self._begin()

    def _begin(self) -> Driver:
        driver = Driver(self._settings, self._folder)
        driver.start(self.heard)
        return driver

    def restart(self, **settings: Any) -> None:
        """The driver's process dies and comes back, with other settings; it keeps what is on disk."""
        self.driver.stop()
        self._settings = msgspec.structs.replace(self._settings, **settings)
        self.driver = self._begin()

    def print(self, text: str, job: str = "job", revision: int = 1, **more: Any) -> Result:
        document = {"language": "en", "lines": [{"kind": "text", "text": text}], **more}
        return self.send(document, job, revision)

    def send(self, document: Any, job: str = "job", revision: int = 1, deadline: float = math.inf) -> Result:
        """As the agent does: a document that is none never reaches the driver."""
        try:
            what = instruction("print", {"job": job, "revision": revision, "document": document})
        except ContractError as error:
            return Result(Outcome.REFUSED, Reason.BAD_ARGS, {"error": str(error), "printed": "no"})
        return self.driver.carry_out(what, deadline)

    def slips(self, dots: int = 576, **more: Any) -> list[Slip]:
        """What has come out of it."""
        self.printer.idle()
        assert self.printer.error is None, self.printer.error
        return Interpreter(dots, **more).run(self.printer.tape)

    def texts(self) -> list[str]:
        """Each slip as one text; blank pieces of paper do not count."""
        found = [" ".join(line.strip() for line in slip.lines if line.strip()) for slip in self.slips()]
        return [text for text in found if text]

    def stop(self) -> None:
        self.driver.stop()
        self.port.close()
        self.printer.switch_off()


@pytest.fixture
def counter(tmp_path: Path, heard: Heard) -> Iterator[Callable[..., Counter]]:
    """`counter(printer={...}, **settings)`: a printer on TCP and its driver."""
    opened: list[Counter] = []

    def make(printer: dict[str, Any] | None = None, **settings: Any) -> Counter:
        machine = Printer(**(printer or {}))
        opened.append(Counter(tmp_path / "printer-1", heard, machine, TcpPort(machine), **settings))
        return opened[-1]

    yield make
    for each in opened:
        each.stop()


@pytest.fixture
def serial_printer() -> Iterator[tuple[Printer, PtyPort]]:
    """A printer on a pseudo-terminal."""
    printer = Printer()
    with contextlib.closing(PtyPort(printer)) as port:
        yield printer, port
    printer.switch_off()
