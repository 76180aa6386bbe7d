"""Waveshare's boards, as the vendor's own frames and pymodbus have them: a pulse goes out once and ends by itself."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.contract import Identify, Unlock
from device_drivers.driver import Outcome, Reason
from device_drivers.locks import waveshare, waveshare_dock
from device_drivers.locks.board import Reading
from device_drivers.locks.waveshare_frames import RelayBoard, RelayLock
from tests.device_drivers.locks.conftest import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.device_drivers.conftest import Heard
    from tests.device_drivers.locks.conftest import Start
    from tests.device_drivers.locks.waveshare_emulator import ModbusLine

    Boards = Callable[..., ModbusLine]


class TestFrames:
    """The wiki's own examples."""

    def test_pulses(self) -> None:
        assert RelayBoard(1, tenths=7).lock(1).pulse() == bytes.fromhex("01 05 02 00 00 07 8D B0")
        assert RelayBoard(1, tenths=5).lock(1).pulse() == bytes.fromhex("01 05 02 00 00 05 0C 71")

    def test_reads_and_all_off(self) -> None:
        assert RelayBoard(1).request() == bytes.fromhex("01 02 00 00 00 08 79 CC")
        assert RelayBoard(1, inputs=False).request() == bytes.fromhex("01 01 00 00 00 08 3D CC")
        assert RelayBoard(1).on_opening() == bytes.fromhex("01 05 00 FF 00 00 FD FA")

    def test_a_reading_between_noise(self) -> None:
        frame = bytes.fromhex("01 02 01 A5")
        crc = bytes.fromhex("61 F3")
        assert RelayBoard(1).reading(b"\x01\x02" + frame + crc + b"\x01") == Reading(0xA5)
        assert RelayBoard(1).reading(frame + b"\x00\x00") is None
        assert RelayBoard(2).reading(frame + crc) is None


odd: st.SearchStrategy[Any] = st.one_of(
    st.integers(0, 22), st.integers(-1, 300), st.integers(), st.booleans(), st.floats(), st.none()
)


@settings(max_examples=500, deadline=None)
@given(address=odd, channels=odd, tenths=odd, inputs=st.booleans(), number=odd)
def test_no_frame_can_hold_a_coil_on(address: Any, channels: Any, tenths: Any, inputs: bool, number: Any) -> None:
    """By pymodbus: a write is all-off, or a pulse of at most two seconds on one relay of one board."""
    pytest.importorskip("pymodbus")
    from pymodbus.framer import FramerRTU
    from pymodbus.pdu import DecodePDU

    try:
        board = RelayBoard(address, channels, inputs, tenths)
    except ValueError:
        return
    frames = [board.request(), board.on_opening()]
    with contextlib.suppress(ValueError):
        frames.append(RelayLock(board, number).pulse())
    for frame in frames:
        used, whom, _, pdu = FramerRTU(DecodePDU(True)).decode(frame)
        assert used == len(frame)
        assert 1 <= whom <= 247
        if pdu[0] == 5:
            where, value = int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
            assert (where, value) == (0x00FF, 0) or (0x0200 <= where < 0x0220 and 1 <= value <= 20)
        else:
            assert pdu[0] in (1, 2)


@pytest.mark.parametrize(
    "wrong", [{"address": 0}, {"address": 248}, {"channels": 33}, {"tenths": 0}, {"tenths": 21}, {"tenths": 0xFF00}]
)
def test_a_board_that_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        RelayBoard(**{"address": 1, **wrong})


def test_a_relay_that_cannot_be() -> None:
    for number in (0, 9, -1):
        with pytest.raises(ValueError, match="expected 0 to 7"):
            RelayBoard(1).lock(number)


@pytest.fixture
def boards(tmp_path: Path, require: Callable[[str], None]) -> Iterator[Boards]:
    """`boards(addresses, …)`: a plugged wire with boards on it."""
    require("pymodbus")
    from tests.device_drivers.locks.waveshare_emulator import ModbusLine

    made: list[ModbusLine] = []

    def make(*args: Any, **kind: Any) -> ModbusLine:
        made.append(ModbusLine(tmp_path / "line", *args, **kind).plug())
        return made[-1]

    yield make
    for line in made:
        line.unplug()


def bank(start: Start, line: ModbusLine, **settings: Any) -> Any:
    driver = start(waveshare, line, **{"boards": list(line.boards), "pulse_ms": 200, **settings})
    until(lambda: all(door.lock != "unknown" for door in driver.state().doors.values()))
    return driver


def pulses(line: ModbusLine) -> list[tuple[int, int, int]]:
    return [written for written in line.written if written[1] != 0x00FF]


@pytest.mark.parametrize("closed_is", [1, 0])
def test_one_door_opens_with_one_pulse(boards: Boards, start: Start, heard: Heard, closed_is: int) -> None:
    line = boards((1, 2), closed_is=closed_is)
    driver = bank(start, line, closed_bit=closed_is)
    assert line.written == [(1, 0x00FF, 0), (2, 0x00FF, 0)], "first of all, all off"
    assert driver.carry_out(Unlock("11")).outcome is Outcome.DONE
    heard.until(lambda: heard.events == [("door_opened", {"door": "11"})])
    assert driver.carry_out(Unlock("11")).outcome is Outcome.ALREADY
    line.boards[2].shut[2] = True
    heard.until(lambda: ("door_closed", {"door": "11"}) in heard.events)
    assert pulses(line) == [(2, 0x0202, 2)]
    assert [round(off - on, 1) for on, off in line.boards[2].power[2]] == [0.2]


def test_no_pulse_after_the_deadline(boards: Boards, start: Start) -> None:
    line = boards()
    driver = bank(start, line)
    assert driver.carry_out(Unlock("01"), time.monotonic()).outcome is Outcome.EXPIRED
    assert pulses(line) == []
    assert driver.carry_out(Unlock("01"), time.monotonic() + 60).outcome is Outcome.DONE


def test_a_lost_acknowledgement_costs_no_second_pulse(boards: Boards, start: Start) -> None:
    line = boards()
    driver = bank(start, line)
    line.lose_echo = 1
    assert driver.carry_out(Unlock("01")).outcome is Outcome.DONE, "the contact has the last word"
    assert pulses(line) == [(1, 0x0200, 2)]


def test_without_inputs_the_acknowledgement_is_all_there_is(boards: Boards, start: Start) -> None:
    line = boards()
    driver = start(waveshare, line, inputs=False)
    until(lambda: driver.carry_out(Identify()).observed["boards"].popitem()[1])
    assert driver.carry_out(Unlock("02")).outcome is Outcome.DONE
    assert driver.state().doors["02"].lock == "unknown"
    line.lose_echo = 1
    result = driver.carry_out(Unlock("03"))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.NO_RESPONSE)
    assert result.observed["pulsed"] is True
    line.boards[1].refuses = True
    assert driver.carry_out(Unlock("04")).reason == Reason.NO_RESPONSE
    assert [where for _, where, _ in pulses(line)] == [0x0201, 0x0202, 0x0203]


def test_an_adapter_that_hears_itself_acknowledges_nothing(boards: Boards, start: Start) -> None:
    line = boards()
    line.echo = True
    driver = start(waveshare, line, inputs=False)
    until(lambda: driver.carry_out(Identify()).observed["boards"].popitem()[1])
    assert driver.carry_out(Unlock("02")).outcome is Outcome.DONE
    line.lose_echo = 1
    assert driver.carry_out(Unlock("03")).reason == Reason.NO_RESPONSE
    line.boards[1].refuses = True
    assert driver.carry_out(Unlock("04")).reason == Reason.NO_RESPONSE
    assert [len(each) for each in line.boards[1].power[:4]] == [0, 1, 1, 0]


def test_reads_are_repeated_on_a_bad_line(boards: Boards, start: Start) -> None:
    line = boards()
    line.dribble = True
    driver = bank(start, line, reply_s=1.0)
    reads = line.reads
    line.mute.add(1)
    until(lambda: driver.state().doors["01"].lock == "unknown")
    assert driver.carry_out(Unlock("01")).reason == Reason.NO_RESPONSE
    assert line.reads - reads >= 6
    assert pulses(line) == []
    line.mute.clear()
    until(lambda: driver.state().doors["01"].lock == "locked")
    assert driver.carry_out(Unlock("01")).outcome is Outcome.DONE


def test_a_jam_a_dead_board_and_an_unplugged_adapter(boards: Boards, start: Start) -> None:
    line = boards((1, 2))
    line.boards[1].jammed.add(0)
    driver = bank(start, line, reply_s=0.5, release_s=3.0)
    assert driver.carry_out(Unlock("01")).reason == Reason.JAMMED
    line.mute.add(1)
    assert driver.carry_out(Unlock("09")).outcome is Outcome.DONE
    assert driver.carry_out(Unlock("17")).reason == Reason.BAD_DOOR
    line.unplug()
    until(lambda: driver.state().doors["09"].lock == "unknown")
    assert driver.carry_out(Unlock("10")).reason == Reason.PORT_LOST
    assert [where for _, where, _ in pulses(line)] == [0x0200, 0x0200]


def test_between_two_frames_the_line_is_silent(boards: Boards, start: Start) -> None:
    line = boards((1, 2, 3))
    driver = bank(start, line)
    for door in ("01", "09", "17"):
        assert driver.carry_out(Unlock(door)).outcome is Outcome.DONE
    assert min(line.gaps[1:]) >= 0.005, "3.5 characters at 9600 baud and a little"
    assert line.garbled == 0


def test_a_cart_in_a_dock(boards: Boards, start: Start, heard: Heard) -> None:
    line = boards()
    cart = start(waveshare_dock, line, lock="1/3")
    until(lambda: cart.state().docked)
    assert cart.carry_out(Unlock()).outcome is Outcome.DONE
    heard.until(lambda: heard.events == [("undocked", {})])
    assert pulses(line) == [(1, 0x0202, 5)]


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        ({"pulse_ms": 2100}, "pulse_ms"),
        ({"pulse_ms": 550}, "pulse_ms"),
        ({"boards": [0]}, r"boards\[0\]"),
        ({"channels": 33}, "channels"),
        ({"locks": 9}, "expected 0 to 7"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, wrong: dict[str, Any], finding: str) -> None:
    given = {"url": "tcp://10.0.3.20:5000", "closed_bit": 1, **wrong}
    with pytest.raises(ValueError, match=finding):
        waveshare.Driver(msgspec.convert(given, waveshare.Settings), tmp_path)
