"""Commissioning: it reads until it may open one lock, learns the wiring, and keeps a recording."""

from __future__ import annotations

import functools
import time
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers import probe as commissioning
from device_drivers.locks import kerong, waveshare
from device_drivers.probe import Asker, ProbeResult, places
from device_drivers.transports import from_url
from device_drivers.transports.recording import Deviation, Replay
from tests.device_drivers.locks.kerong_emulator import PtyLine, TcpLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REPLY_S = 0.06
"""Nearly all who are asked are not there: each is waited for so long."""


class Patient:
    """The port of an emulated line. What a board has not heard yet, or is about to answer, is no silence, however slow
    the machine is.
    """

    def __init__(self, line: Any, url: str, baud: int) -> None:
        self._line, self._port, self._written = line, from_url(url, baud), line.answered
        self.url, self.byte_s = self._port.url, self._port.byte_s
        self.open, self.flush_input, self.close = self._port.open, self._port.flush_input, self._port.close

    def write(self, data: bytes) -> None:
        self._port.write(data)
        self._written += len(data)

    def read(self, until: float) -> bytes:
        patience = time.monotonic() + 60
        while True:
            heard = self._line.answered >= self._written
            data = self._port.read(until if heard else time.monotonic() + 0.01)
            if data or heard:
                return data
            assert time.monotonic() < patience, "the line is dead"


class Person:
    def __init__(self, *, agrees: bool) -> None:
        self.told: list[str] = []
        self.asked: list[str] = []
        self.agrees = agrees
        self.asker = Asker(self.told.append, self._confirm)

    def _confirm(self, question: str) -> bool:
        self.asked.append(question)
        return self.agrees


def probe(line: Any, person: Person, recording: Path | None = None, lock: str | None = None) -> ProbeResult:
    port: Any = functools.partial(Patient, line)
    return commissioning.probe(line.url, person.asker, recording, lock, port, REPLY_S)


@pytest.mark.parametrize(
    ("line_type", "model", "locked_is"), [(PtyLine, "cu48", 1), (TcpLine, "cu48b", 0), (PtyLine, "cu16", 1)]
)
def test_it_finds_the_boards_and_learns_their_wiring(
    line_type: Any, model: str, locked_is: int, tmp_path: Path
) -> None:
    line, person = line_type(tmp_path / "line", model, (0, 3), locked_is=locked_is).plug(), Person(agrees=True)
    try:
        found = probe(line, person, tmp_path / "talk.jsonl", "3/5")
    finally:
        line.stop()
    assert list(found.boards) == [f"locks.kerong {model} board {address}" for address in (0, 3)]
    assert (found.closed_bit, found.opened) == (locked_is, "3/5")
    assert [(board, lock) for _, board, lock in line.pulses] == [(3, 4)]
    assert person.asked == ["Open lock 3/5 now? Its door springs open."]
    settings = tomllib.loads(found.settings)["settings"]
    driver = kerong.Driver(msgspec.convert(settings, kerong.Settings), tmp_path)
    assert len(driver.state().doors or {}) == 2 * (16 if model == "cu16" else 48)

    again = Replay(tmp_path / "talk.jsonl")
    asker = Person(agrees=True).asker
    assert commissioning.probe(line.url, asker, None, "3/5", lambda _url, _baud: again, REPLY_S) == found
    assert again.left == 0


def test_without_a_yes_nothing_moves(tmp_path: Path) -> None:
    line, person = TcpLine(tmp_path / "line", "cu48", (1,)).plug(), Person(agrees=False)
    try:
        found = probe(line, person)
    finally:
        line.stop()
    assert found.boards == ("locks.kerong cu48 board 1",)
    assert (found.closed_bit, found.opened) == (None, None)
    assert "<0 or 1>" in found.settings
    assert line.pulses == []
    assert person.asked


def test_a_contact_that_does_not_move_teaches_nothing(tmp_path: Path) -> None:
    line, person = PtyLine(tmp_path / "line", "cu48").plug(), Person(agrees=True)
    line.cabinets[0].jammed.add(0)
    try:
        found = probe(line, person)
    finally:
        line.stop()
    assert found.closed_bit is None
    assert "did not move" in person.told[-1]
    assert len(line.pulses) == 1


def test_nobody_is_there(tmp_path: Path) -> None:
    line, person = PtyLine(tmp_path / "line", "cu48", ()).plug(), Person(agrees=True)
    try:
        assert probe(line, person) == ProbeResult(line.url)
    finally:
        line.stop()
    assert "nobody answered" in person.told[-1]
    assert person.asked == []
    assert line.pulses == []


def test_relay_boards(tmp_path: Path, require: Callable[[str], None]) -> None:
    require("pymodbus")
    from tests.device_drivers.locks.waveshare_emulator import ModbusLine

    line, person = ModbusLine(tmp_path / "line", (2,), closed_is=0).plug(), Person(agrees=True)
    try:
        found = probe(line, person)
    finally:
        line.unplug()
    assert found.boards == ("locks.waveshare board 2",)
    assert (found.closed_bit, found.opened) == (0, "2/1")
    assert line.written == [(2, 0x0200, 5)]
    settings = tomllib.loads(found.settings)["settings"]
    assert waveshare.Driver(msgspec.convert(settings, waveshare.Settings), tmp_path).kind == "locker"


def test_another_talk_is_a_deviation(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text('{"format": 1, "what": "x", "url": "tcp://x:1"}\n{"at_ms": 1, "sent": "01 02"}\n')
    with pytest.raises(Deviation, match="01 02, not 01 03"):
        Replay(path).write(b"\x01\x03")
    path.write_text('{"format": 9}\n')
    with pytest.raises(ValueError, match="no recording"):
        Replay(path)


def test_a_lock_that_is_on_no_board_that_answered(tmp_path: Path) -> None:
    line, person = PtyLine(tmp_path / "line", "cu48").plug(), Person(agrees=True)
    try:
        for wrong in ("5/1", "0/x", "0/49"):
            with pytest.raises(ValueError, match="expected"):
                probe(line, person, None, wrong)
    finally:
        line.stop()
    assert line.pulses == []


def test_places_are_names_that_stay() -> None:
    assert all("/by-id/" in place for place in places())
