"""The emulator is a printer also to people who never saw it: receiptio, an ESC/POS driver of its own (npm), asks how it
is, prints on it, and sees its faults. So what our driver is tested on is not our own idea of a printer.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import missing
from tests.device_drivers.printers.emulator import Printer, TcpPort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = "2.1.2"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "storekeeper" / f"receiptio-{VERSION}"
SLIP = """{code:https://s.example/t/K7QX; option:qrcode,6,M}
^^^RECEIPT

Milk | 2| 25.80
Bread | 1| 9.90
---
^TOTAL | ^35.70
"""
ONLINE, COVER_OPEN, PAPER_EMPTY, OFFLINE = 100, 101, 102, 104


@pytest.fixture(scope="session")
def receiptio(require: Callable[[str], None]) -> str:
    """The program; npm fetches it once."""
    require("node")
    require("npm")
    script = CACHE / "node_modules" / "receiptio" / "bin" / "cli.js"
    if not script.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), f"receiptio@{VERSION}"]
        if subprocess.run(command, check=False, capture_output=True, timeout=600).returncode != 0:
            missing(f"receiptio {VERSION}, which npm could not install,")
    return str(script)


@pytest.fixture
def printer() -> Iterator[Printer]:
    """A printer on port 9100, which receiptio cannot change, at a loopback address of its own."""
    machine = Printer()
    number = os.getpid()
    with contextlib.closing(TcpPort(machine, (f"127.9.{number >> 8 & 255}.{number & 255}", 9100))) as port:
        machine.address = port.address[0]  # type: ignore[attr-defined]
        yield machine
    machine.switch_off()


def _receiptio(program: str, printer: Printer, *arguments: str, slip: str = "") -> int:
    command = ["node", program, "-d", str(printer.address), *arguments]  # type: ignore[attr-defined]
    return subprocess.run(command, input=slip, text=True, check=False, capture_output=True, timeout=300).returncode


@pytest.mark.parametrize(
    ("fault", "answer"),
    [({}, ONLINE), ({"cover_open": True}, COVER_OPEN), ({"paper": 0}, PAPER_EMPTY), ({"mute": True}, OFFLINE)],
)
def test_it_sees_how_the_printer_is(receiptio: str, printer: Printer, fault: dict[str, object], answer: int) -> None:
    printer.set(**fault)
    assert _receiptio(receiptio, printer, "-q") == answer


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_prints(receiptio: str, printer: Printer, language: str) -> None:
    slip = SLIP + ("谢谢光临\n" if language == "zh-hans" else "Thank you\n")
    assert _receiptio(receiptio, printer, "-l", language, slip=slip) == 0
    printer.idle()
    assert printer.error is None
    said = b"".join(command.data for command in printer.tape if command.name == b"")
    for word in (b"TOTAL", b"25.80", "谢谢光临".encode("gb18030") if language == "zh-hans" else b"Thank you"):
        assert word in said


def test_it_is_refused_without_paper(receiptio: str, printer: Printer) -> None:
    printer.set(paper=0)
    assert _receiptio(receiptio, printer, slip=SLIP) == PAPER_EMPTY


def test_it_sees_the_paper_end_in_the_middle(receiptio: str, printer: Printer) -> None:
    printer.set(paper=60)
    assert _receiptio(receiptio, printer, slip=SLIP) == PAPER_EMPTY
