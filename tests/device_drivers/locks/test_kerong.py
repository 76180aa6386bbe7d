"""Kerong's boards as the paper has them, on a pty and on TCP, with everything that goes wrong on a wire."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import Identify, Unlock
from device_drivers.driver import Outcome, Reason
from device_drivers.locks import kerong, kerong_dock
from tests.device_drivers.conftest import Heard
from tests.device_drivers.locks.conftest import until
from tests.rounds import rounds

if TYPE_CHECKING:
    from pathlib import Path

    from tests.device_drivers.locks.conftest import Lines, Start

MODELS = ["cu48", "cu48b", "cu16"]
COMMANDS = rounds(24, 1000)
"""Which fault each of them meets is the same in every short run."""


def bank(start: Start, line: Any, **settings: Any) -> Any:
    """A running bank that has seen its doors."""
    driver = start(kerong, line, **{"dialect": line.model, "boards": list(line.cabinets), "locks": 4, **settings})
    until(lambda: all(door.lock != "unknown" for door in driver.state().doors.values()))
    return driver


def opened(line: Any) -> list[tuple[int, int]]:
    return [(board, lock) for _, board, lock in line.pulses]


@pytest.mark.parametrize("locked_is", [1, 0])
@pytest.mark.parametrize("model", MODELS)
def test_one_door_opens_with_one_pulse(lines: Lines, start: Start, heard: Heard, model: str, locked_is: int) -> None:
    line = lines(model, (0, 3), locked_is=locked_is)
    driver = bank(start, line, closed_bit=locked_is)
    assert sorted(driver.state().doors) == [f"{number:02d}" for number in range(1, 9)]
    result = driver.carry_out(Unlock("06"))
    assert result.outcome is Outcome.DONE
    assert result.observed == {"pulsed": True, "lock": "unlocked", "door": "open"}
    assert opened(line) == [(3, 1)]
    heard.until(lambda: heard.events == [("door_opened", {"door": "06"})])
    assert {name for name, door in driver.state().doors.items() if door.door == "open"} == {"06"}
    again = driver.carry_out(Unlock("06"))
    assert (again.outcome, again.observed["pulsed"]) == (Outcome.ALREADY, False)
    line.cabinets[3].push_shut(1)
    heard.until(lambda: ("door_closed", {"door": "06"}) in heard.events)
    assert driver.state().doors["06"].lock == "locked"
    assert opened(line) == [(3, 1)]


def test_what_lies_in_a_compartment_is_seen(lines: Lines, start: Start, heard: Heard) -> None:
    line = lines("cu48b")
    line.cabinets[0].things[2] = True
    driver = bank(start, line, occupied_bit=1)
    assert [door.occupied for door in driver.state().doors.values()] == [False, False, True, False]
    assert driver.carry_out(Unlock("03")).observed["occupied"] is True
    line.cabinets[0].things[2] = False
    heard.until(lambda: heard.states[-1].doors["03"].occupied is False)  # type: ignore[index]


def test_a_door_that_does_not_exist_moves_nothing(lines: Lines, start: Start) -> None:
    line = lines()
    driver = bank(start, line)
    for door in ("00", "05", "48", "49", "0/1", "1", None):
        result = driver.carry_out(Unlock(door))
        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.BAD_DOOR)
    assert line.pulses == []


def test_a_jammed_door_is_told_and_stops_no_other(lines: Lines, start: Start, heard: Heard) -> None:
    line = lines()
    line.cabinets[0].jammed.add(1)
    driver = bank(start, line, release_s=3.0)
    result = driver.carry_out(Unlock("02"))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.JAMMED)
    assert result.observed == {"pulsed": True, "lock": "jammed", "door": "closed"}
    assert driver.carry_out(Unlock("03")).outcome is Outcome.DONE
    assert driver.state().doors["02"].lock == "jammed"
    assert opened(line) == [(0, 1), (0, 2)], "a pulse is not repeated"
    line.cabinets[0].jammed.clear()
    assert driver.carry_out(Unlock("02")).outcome is Outcome.DONE
    line.cabinets[0].push_shut(1)
    heard.until(lambda: driver.state().doors["02"].lock == "locked")


def test_a_mute_board_leaves_the_other_working(lines: Lines, start: Start, heard: Heard) -> None:
    line = lines("cu48", (0, 1))
    driver = bank(start, line, reply_s=1.0)
    line.faults.mute.add(0)
    heard.until(lambda: driver.state().doors["01"].lock == "unknown")
    result = driver.carry_out(Unlock("01"))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.NO_RESPONSE)
    assert result.observed == {"pulsed": False, "lock": "unknown", "door": "unknown"}
    assert driver.carry_out(Unlock("05")).outcome is Outcome.DONE
    assert opened(line) == [(1, 0)]
    line.faults.mute.clear()
    heard.until(lambda: driver.state().doors["01"].lock == "locked")
    assert driver.carry_out(Unlock("01")).outcome is Outcome.DONE


def test_a_board_that_dies_with_the_pulse_is_no_jam(lines: Lines, start: Start) -> None:
    line = lines()
    driver = bank(start, line, release_s=1.0)
    line.cabinets[0].dies_with_power = lambda: line.faults.mute.add(0)
    result = driver.carry_out(Unlock("01"))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.NO_RESPONSE)
    assert result.observed == {"pulsed": True, "lock": "unknown", "door": "unknown"}
    until(lambda: opened(line) == [(0, 0)])


@pytest.mark.parametrize("model", MODELS)
def test_a_bad_line_costs_time_and_not_a_second_pulse(lines: Lines, start: Start, model: str) -> None:
    line = lines(model)
    driver = bank(start, line)
    line.faults.dribble, line.faults.noise, line.faults.lose = True, 5, 0.2
    for door in ("01", "02", "03", "04"):
        line.faults.bad_sums = 1
        result = driver.carry_out(Unlock(door))
        assert result.outcome is Outcome.DONE, (door, result)
    assert opened(line) == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_an_adapter_that_hears_itself(lines: Lines, start: Start) -> None:
    line = lines()
    line.faults.echo = True
    driver = bank(start, line)
    assert driver.carry_out(Unlock("01")).outcome is Outcome.DONE
    assert opened(line) == [(0, 0)]


def test_unplugged_and_plugged_in_again(lines: Lines, start: Start, heard: Heard) -> None:
    line = lines()
    driver = bank(start, line)
    line.unplug()
    heard.until(lambda: driver.state().doors["01"].lock == "unknown")
    result = driver.carry_out(Unlock("01"))
    assert (result.outcome, result.reason, result.observed["pulsed"]) == (Outcome.FAILED, Reason.PORT_LOST, False)
    line.plug()
    heard.until(lambda: driver.state().doors["01"].lock == "locked")
    assert driver.carry_out(Unlock("01")).outcome is Outcome.DONE
    assert opened(line) == [(0, 0)]
    assert "door_forced" not in dict(heard.events), "a gap in what was seen is no burglary"


def test_a_port_that_comes_later(lines: Lines, start: Start) -> None:
    line = lines()
    line.unplug()
    driver = start(kerong, line, dialect="cu48")
    assert driver.carry_out(Unlock("01")).reason == Reason.PORT_LOST
    assert len(driver.state().doors) == 48
    line.plug()
    until(lambda: driver.carry_out(Unlock("01")).outcome is Outcome.DONE)


def test_a_forced_door(lines: Lines, start: Start, heard: Heard) -> None:
    line = lines()
    bank(start, line)
    line.cabinets[0].spring(3)
    heard.until(lambda: heard.events == [("door_forced", {"door": "04"})])
    assert line.pulses == []


def test_a_door_that_opens_a_little_late_was_not_forced(lines: Lines, start: Start, heard: Heard) -> None:
    line = lines()
    line.cabinets[0].jammed.add(0)
    driver = bank(start, line, release_s=3.0)
    assert driver.carry_out(Unlock("01")).reason == Reason.JAMMED
    line.cabinets[0].spring(0)
    heard.until(lambda: heard.events == [("door_opened", {"door": "01"})])
    assert driver.state().doors["01"].lock == "unlocked"


def test_a_door_without_a_contact_is_opened_all_the_same(lines: Lines, start: Start) -> None:
    line = lines()
    line.cabinets[0].hooked[0] = False
    driver = start(kerong, line, dialect="cu48", locks=2, blind=["01"])
    until(lambda: driver.state().doors["02"].lock == "locked")
    assert driver.state().doors["01"].lock == "unknown"
    for _ in range(2):
        assert driver.carry_out(Unlock("01")).outcome is Outcome.DONE
    until(lambda: opened(line) == [(0, 0), (0, 0)])


def test_doors_by_name(lines: Lines, start: Start) -> None:
    line = lines("cu16", (0, 2))
    driver = bank(start, line, doors={"A1": "2/16", "A2": "0/1"})
    assert driver.carry_out(Unlock("A1")).outcome is Outcome.DONE
    assert opened(line) == [(2, 15)]


def test_identify_says_which_boards_answer(lines: Lines, start: Start) -> None:
    line = lines("cu48", (0, 1))
    line.faults.mute.add(1)
    driver = start(kerong, line, dialect="cu48", boards=[0, 1])
    until(lambda: driver.state().doors["01"].lock == "locked")
    assert list(driver.carry_out(Identify()).observed["boards"].values()) == [True, False]


def test_how_often_a_board_is_asked(lines: Lines, start: Start) -> None:
    line = lines()
    line.cabinets[0].jammed.add(0)
    driver = bank(start, line, poll_s=1.0)
    line.frames.clear()
    began = time.monotonic()
    until(lambda: len(line.frames) >= 3)
    assert time.monotonic() - began > 1.0, "one may have been on its way; the others are a second apart"
    opening = threading.Thread(target=driver.carry_out, args=(Unlock("01"),))
    opening.start()
    until(lambda: opened(line))
    before, began = len(line.frames), time.monotonic()
    until(lambda: len(line.frames) >= before + 20)
    assert time.monotonic() - began < 19, "more often than once a second"
    line.cabinets[0].spring(0)
    opening.join(60)


def test_whatever_goes_wrong_a_command_pulses_at_most_once_and_says_so(lines: Lines, start: Start) -> None:
    line, chance = lines("cu48", (0, 1)), random.Random(3)
    driver = bank(start, line, locks=48, release_s=1.0, reply_s=1.0)
    ends: dict[str, int] = {}
    for number in range(1, COMMANDS + 1):
        fault = chance.choice(["none", "none", "jam", "mute", "lose", "noise", "sums", "unplug"])
        board, lock = divmod(chance.randrange(96), 48)
        line.cabinets[board].jammed = {lock} if fault == "jam" else set()
        line.faults.mute = {board} if fault == "mute" else set()
        line.faults.lose = 0.6 if fault == "lose" else 0.0
        line.faults.noise = 4 if fault == "noise" else 0
        line.faults.bad_sums = 2 if fault == "sums" else 0
        unplugging = threading.Timer(chance.random() * 0.05, line.unplug)
        if fault == "unplug":
            unplugging.start()
        before = len(line.pulses)
        result = driver.carry_out(Unlock(f"{48 * board + lock + 1:02d}"))
        if fault == "unplug":
            unplugging.join()
            line.plug()
        line.settle()
        went_out = [(one, other) for _, one, other in line.pulses[before:]]
        assert went_out in ([], [(board, lock)]), f"command {number}: {fault}"
        if went_out:
            assert result.observed["pulsed"] is True, f"command {number}: {fault}: {result}"
        if result.outcome is Outcome.DONE:
            assert went_out == [(board, lock)], f"command {number}: {fault}: {result}"
        ends[result.reason or result.outcome] = ends.get(result.reason or result.outcome, 0) + 1
        for cabinet in line.cabinets.values():
            cabinet.hooked = [True] * 48
    assert ends["done"] >= COMMANDS // 4, ends
    assert {"jammed", "no_response"} <= ends.keys()


class TestDock:
    def test_carts_of_one_dock_share_the_board(self, lines: Lines, start: Start) -> None:
        line = lines("cu16")
        line.cabinets[0].things = [True] * 16
        reports = [Heard() for _ in range(4)]
        carts = [
            start(kerong_dock, line, report, dialect="cu16", lock=f"0/{place}", occupied_bit=1)
            for place, report in enumerate(reports, start=1)
        ]
        until(lambda: all(cart.state().lock == "locked" for cart in carts))
        results: list[Any] = []
        threads = [threading.Thread(target=lambda c=cart: results.append(c.carry_out(Unlock()))) for cart in carts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert [result.outcome for result in results] == [Outcome.DONE] * 4
        assert sorted(opened(line)) == [(0, 0), (0, 1), (0, 2), (0, 3)]
        reports[0].until(lambda: carts[0].state().lock == "unlocked")
        assert carts[0].state().docked is True
        assert carts[0].carry_out(Unlock()).outcome is Outcome.ALREADY
        line.cabinets[0].things[0] = False
        reports[0].until(lambda: ("undocked", {}) in reports[0].events)
        result = carts[0].carry_out(Unlock())
        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_DOCKED)
        line.cabinets[0].things[0] = True
        line.cabinets[0].push_shut(0)
        reports[0].until(lambda: ("docked", {}) in reports[0].events)
        assert (carts[0].state().lock, carts[0].state().docked) == ("locked", True)
        assert reports[1].events == []

    def test_without_a_sensor_a_cart_is_docked_while_its_hook_holds_it(
        self, lines: Lines, start: Start, heard: Heard
    ) -> None:
        line = lines("cu48")
        cart = start(kerong_dock, line, dialect="cu48", lock="0/7")
        until(lambda: cart.state().docked)
        assert cart.carry_out(Unlock()).outcome is Outcome.DONE
        heard.until(lambda: heard.events == [("undocked", {})])
        assert cart.carry_out(Unlock()).reason == Reason.NOT_DOCKED
        line.cabinets[0].push_shut(6)
        heard.until(lambda: heard.events[-1] == ("docked", {}))

    def test_a_forced_hook_and_a_jam(self, lines: Lines, start: Start, heard: Heard) -> None:
        line = lines("cu48")
        cart = start(kerong_dock, line, dialect="cu48", lock="0/1", release_s=3.0)
        until(lambda: cart.state().lock == "locked")
        line.cabinets[0].spring(0)
        heard.until(lambda: heard.events == [("forced", {}), ("undocked", {})])
        line.cabinets[0].push_shut(0)
        line.cabinets[0].jammed.add(0)
        heard.until(lambda: cart.state().lock == "locked")
        assert cart.carry_out(Unlock()).reason == Reason.JAMMED
        assert (cart.state().lock, cart.state().docked) == ("jammed", True)
        assert cart.carry_out(Unlock("01")).reason == Reason.BAD_DOOR

    def test_two_devices_cannot_have_the_same_lock(self, lines: Lines, start: Start) -> None:
        line = lines("cu48")
        start(kerong_dock, line, dialect="cu48", lock="0/1")
        with pytest.raises(ValueError, match="lock 1 belongs to another device"):
            start(kerong_dock, line, dialect="cu48", lock="0/1")
        start(kerong_dock, line, dialect="cu48", lock="0/2")


@pytest.mark.parametrize(
    ("settings", "finding"),
    [
        ({"boards": [10]}, r"boards\[0\]"),
        ({"boards": [0, 0]}, "twice"),
        ({"boards": []}, "length >= 1"),
        ({"locks": 49}, "expected 0 to 47"),
        ({"locks": 0}, "at least one"),
        ({"doors": {"01": "0/49"}}, "has locks 1 to 48"),
        ({"doors": {"01": "0/0"}}, "has locks 1 to 48"),
        ({"doors": {"01": "1/1"}}, "none of"),
        ({"doors": {"01": "0/1", "02": "0/1"}}, "same lock"),
        ({"doors": {"01": "one"}}, "expected board/lock"),
        ({"blind": ["99"]}, "do not exist"),
        ({"dialect": "cu99"}, "cu99"),
        ({"closed_bit": 2}, "closed_bit"),
        ({"poll_s": 5}, "poll_s"),
        ({"bank": 1}, "bank"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, settings: dict[str, Any], finding: str) -> None:
    given = {"url": "tcp://10.0.3.20:5000", "dialect": "cu48", "closed_bit": 1, **settings}
    with pytest.raises(ValueError, match=finding):
        kerong.Driver(msgspec.convert(given, kerong.Settings), tmp_path)


@pytest.mark.parametrize("model", MODELS)
def test_no_pulse_after_the_deadline(lines: Lines, start: Start, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = lines(model)
    driver = bank(start, line)
    result = driver.carry_out(Unlock("01"), time.monotonic())
    assert (result.outcome, result.reason, result.observed["pulsed"]) == (Outcome.EXPIRED, None, False)
    look, deadline = driver._panel._look, time.monotonic() + 0.1

    def slowly(watched: Any) -> Any:
        seen = look(watched)
        until(lambda: time.monotonic() > deadline)
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(driver._panel, "_look", slowly)
        assert driver.carry_out(Unlock("01"), deadline).outcome is Outcome.EXPIRED
    assert line.pulses == []
    assert driver.carry_out(Unlock("01"), time.monotonic() + 60).outcome is Outcome.DONE
    assert opened(line) == [(0, 0)]


def test_a_pulse_that_waits_for_its_turn_is_not_sent_late(lines: Lines, start: Start) -> None:
    line = lines()
    driver = bank(start, line)
    with driver._panel._wire._turn(urgent=True):  # somebody speaks on the wire all that time
        deadline = time.monotonic() + 0.1
        results: list[Any] = []
        waiting = threading.Thread(target=lambda: results.append(driver.carry_out(Unlock("01"), deadline)))
        waiting.start()
        until(lambda: time.monotonic() > deadline)
    waiting.join(60)
    assert results[0].outcome is Outcome.EXPIRED
    assert line.pulses == []
