"""Commissioning a printer: it asks until it may print, learns from what a person sees, and keeps a recording."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.printers import escpos_probe
from device_drivers.printers.escpos import Settings
from device_drivers.printers.escpos_probe import FoundPrinter, probe_printer
from device_drivers.probe import Asker
from device_drivers.transports.recording import Replay
from tests.device_drivers.printers.emulator import Printer, PtyPort, TcpPort
from tests.device_drivers.printers.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


SLIP = "Print a test slip now?"


class Person:
    def __init__(self, *answers: bool) -> None:
        self.told: list[str] = []
        self.asked: list[str] = []
        self._answers = list(answers)
        self.asker = Asker(self.told.append, self._confirm)

    def _confirm(self, question: str) -> bool:
        self.asked.append(question)
        return self._answers.pop(0)


@pytest.fixture
def at_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[Printer, str]]]:
    """`at_port(kind, **faults)`: a printer, and the URL it is at. On a busy machine it may be slow to answer."""
    monkeypatch.setattr(escpos_probe, "STATUS_S", 30.0)
    opened: list[Any] = []

    def make(kind: str = "tcp", **faults: Any) -> tuple[Printer, str]:
        printer = Printer(**faults)
        port = TcpPort(printer) if kind == "tcp" else PtyPort(printer)
        opened.append((printer, port))
        if isinstance(port, TcpPort):
            return printer, port.url
        return printer, f"serial://{port.path}?baud=19200" if kind == "serial" else f"file://{port.path}"

    yield make
    for printer, port in opened:
        port.close()
        printer.switch_off()


def lines(printer: Printer) -> list[str]:
    printer.idle()
    return [line.strip() for slip in Interpreter(576).run(printer.tape) for line in slip.lines if line.strip()]


@pytest.mark.parametrize("kind", ["tcp", "serial", "file"])
def test_it_prints_one_slip_and_learns_from_it(kind: str, at_port: Any, tmp_path: Path) -> None:
    printer, url = at_port(kind)
    person = Person(True, True, True)
    found = probe_printer(url, person.asker, tmp_path / "talk.jsonl")
    assert found == FoundPrinter(url, True, "ok", "closed", "order", "yes", 80, True)
    assert person.asked[0] == SLIP
    printed = lines(printer)
    assert printed[0] == "Storekeeper"
    assert len(printed[1]) == 48
    assert "鲜汇生活 欢迎光临" in printed
    settings = msgspec.convert(tomllib.loads(found.settings)["settings"], Settings)
    assert (settings.url, settings.confirm) == (url, "order")

    again = Replay(tmp_path / "talk.jsonl")
    assert probe_printer(url, Person(True, True, True).asker, None, lambda _url: again) == found
    assert again.left == 0


def test_without_a_yes_no_paper_moves(at_port: Any) -> None:
    printer, url = at_port()
    found = probe_printer(url, Person(False).asker)
    assert (found.answers, found.confirm, found.printed) == (True, "order", None)
    assert lines(printer) == []


def test_what_a_person_does_not_see_is_a_setting(at_port: Any) -> None:
    _, url = at_port()
    found = probe_printer(url, Person(True, False, False).asker)
    assert (found.width, found.chinese) == (58, False)
    assert 'paper = 58, cjk = "raster"' in found.settings


def test_a_printer_that_cannot_print_is_not_asked_to(at_port: Any) -> None:
    printer, url = at_port()
    printer.set(paper=0)
    person = Person()
    found = probe_printer(url, person.asker)
    assert (found.paper, found.printed) == ("out", None)
    assert person.asked == []
    assert "paper_out" in person.told[-1]


def test_nobody_is_there(at_port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    printer, url = at_port()
    monkeypatch.setattr(escpos_probe, "STATUS_S", 1.0)
    printer.set(mute=True)
    person = Person(False)
    assert probe_printer(url, person.asker) == FoundPrinter(url)
    assert "nobody answered" in person.told[-1]
