"""The simulated devices: what a sensor says follows what happened, and faults are faults."""

from __future__ import annotations

import base64
import io
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from PIL import Image

from device_drivers.contract import (
    Bare,
    Find,
    Lock,
    Print,
    ProductScene,
    Show,
    Snapshot,
    Unlock,
    WallScene,
    desired_body,
)
from device_drivers.contract.documents import Document, Text
from device_drivers.driver import Outcome, Reason, Result
from device_drivers.locks import simulated_cart as cart
from device_drivers.locks import simulated_locker as locker
from device_drivers.printers import simulated as printer
from device_drivers.screens import simulated as screen
from tests.kiosk_ui.bodies import make_body, make_coupon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.device_drivers.conftest import Heard

    Start = Callable[..., Any]


@pytest.fixture
def start(tmp_path: Path, heard: Heard) -> Iterator[Start]:
    """`start(module, setting=…)`: a running driver of that module, whose folder is `tmp_path`."""
    running = []

    def begin(module: Any, **settings: Any) -> Any:
        driver = module.Driver(module.Settings(**settings), tmp_path)
        driver.start(heard)
        running.append(driver)
        return driver

    yield begin
    for driver in running:
        driver.stop()


def act(folder: Path, action: str) -> None:
    (folder / "world" / action).touch()


class TestCart:
    def test_unlocked_it_is_pulled_out_and_comes_back_by_itself(self, start: Start, heard: Heard) -> None:
        driver = start(cart, pull_out_s=1.0, auto_return_s=0.1)
        assert driver.state().lock == "locked"
        assert driver.carry_out(Unlock()).outcome is Outcome.DONE
        heard.until(lambda: ("docked", {}) in heard.events)
        seen = [(state.lock, state.docked) for state in heard.states]
        assert seen == [("unlocked", True), ("unlocked", False), ("locked", True)]
        assert [name for name, _ in heard.events] == ["undocked", "docked"]

    def test_out_it_refuses_and_unlocked_it_has_nothing_to_do(self, start: Start, heard: Heard, tmp_path: Path) -> None:
        driver = start(cart, pull_out_s=0)
        driver.carry_out(Unlock())
        assert driver.carry_out(Unlock()).outcome is Outcome.ALREADY
        act(tmp_path, "pull")
        heard.until(lambda: bool(heard.events))
        assert driver.carry_out(Unlock()) == Result(Outcome.REFUSED, Reason.NOT_DOCKED, {"docked": False})

    def test_a_person_brings_it_back(self, start: Start, heard: Heard, tmp_path: Path) -> None:
        driver = start(cart, pull_out_s=0.05)
        driver.carry_out(Unlock())
        heard.until(lambda: ("undocked", {}) in heard.events)
        act(tmp_path, "return")
        heard.until(lambda: ("docked", {}) in heard.events)
        assert (driver.state().lock, driver.state().docked) == ("locked", True)
        ends = time.monotonic() + 60
        while list((tmp_path / "world").iterdir()):
            assert time.monotonic() < ends, "the action is consumed"
            time.sleep(0.01)

    def test_a_cart_locked_again_is_not_pulled_out(
        self, start: Start, heard: Heard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        driver = start(cart, pull_out_s=7.0)
        pulls: list[Callable[[], None]] = []
        monkeypatch.setattr(
            driver._world, "call_later", lambda s, callback: pulls.append(callback) if s == 7.0 else None
        )
        driver.carry_out(Unlock())
        assert driver.carry_out(Lock()).outcome is Outcome.DONE
        driver.carry_out(Unlock())
        first, second = pulls
        first()
        assert heard.events == []
        second()
        assert heard.events == [("undocked", {})], "the first shopper had nothing to pull"

    def test_jammed_until_somebody_fixes_it(self, start: Start, heard: Heard, tmp_path: Path) -> None:
        driver = start(cart, jam=True)
        assert driver.carry_out(Unlock()).reason == Reason.JAMMED
        heard.until(lambda: bool(heard.states) and heard.states[-1].lock == "jammed")
        act(tmp_path, "fix")
        heard.until(lambda: heard.states[-1].lock == "locked")
        assert driver.carry_out(Unlock()).outcome is Outcome.DONE

    def test_a_drained_battery_moves_no_bolt(self, start: Start, heard: Heard, tmp_path: Path) -> None:
        driver = start(cart)
        act(tmp_path, "drain")
        heard.until(lambda: bool(heard.states) and heard.states[-1].battery == 0.02)
        assert driver.carry_out(Unlock()).reason == Reason.NO_RESPONSE
        assert driver.moves == 0

    def test_a_mute_lock_and_a_door_it_does_not_have(self, start: Start) -> None:
        driver = start(cart, mute=True)
        assert driver.carry_out(Unlock()) == Result(Outcome.FAILED, Reason.NO_RESPONSE)
        assert driver.carry_out(Unlock("01")).reason == Reason.BAD_DOOR

    def test_the_battery_goes_down_slowly(self, start: Start) -> None:
        driver = start(cart, battery=0.9, drain_per_hour=3600 * 1000)
        assert driver.state().battery < 0.9
        assert driver.state().battery >= 0


class TestLocker:
    def test_one_of_twelve_doors_springs_open_and_is_closed_again(
        self, start: Start, heard: Heard, tmp_path: Path
    ) -> None:
        driver = start(locker)
        assert sorted(driver.state().doors) == [f"{number:02d}" for number in range(1, 13)]
        assert driver.carry_out(Unlock("07")).outcome is Outcome.DONE
        heard.until(lambda: ("door_opened", {"door": "07"}) in heard.events)
        assert {name for name, door in driver.state().doors.items() if door.door == "open"} == {"07"}
        assert driver.carry_out(Unlock("07")).outcome is Outcome.ALREADY
        act(tmp_path, "close-07")
        heard.until(lambda: ("door_closed", {"door": "07"}) in heard.events)
        assert driver.state().doors["07"].lock == "locked"

    def test_a_door_is_lit_until_it_is_closed_or_its_time_is_up(
        self, start: Start, heard: Heard, tmp_path: Path
    ) -> None:
        driver = start(locker)
        assert not any(door.lit for door in _doors(driver).values())
        assert driver.carry_out(Find(600, "07")) == Result(Outcome.DONE)
        assert driver.carry_out(Find(0.05, "08")) == Result(Outcome.DONE)
        assert driver.carry_out(Find(600, "13")) == Result(Outcome.REFUSED, Reason.BAD_DOOR)
        heard.until(lambda: not _doors(driver)["08"].lit)
        driver.carry_out(Unlock("07"))
        heard.until(lambda: _doors(driver)["07"].door == "open")
        assert {name for name, door in _doors(driver).items() if door.lit} == {"07"}
        act(tmp_path, "close-07")
        heard.until(lambda: not _doors(driver)["07"].lit)

    @pytest.mark.parametrize("door", [None, "13", "7"])
    def test_a_door_that_does_not_exist(self, start: Start, door: str | None) -> None:
        assert start(locker).carry_out(Unlock(door)) == Result(Outcome.REFUSED, Reason.BAD_DOOR)

    def test_a_jammed_door_stops_no_other(self, start: Start, heard: Heard) -> None:
        driver = start(locker, jam=("03",))
        assert driver.carry_out(Unlock("03")).reason == Reason.JAMMED
        assert driver.carry_out(Unlock("04")).outcome is Outcome.DONE
        heard.until(lambda: driver.state().doors["04"].door == "open")
        assert driver.state().doors["03"].lock == "jammed"

    def test_a_jam_at_a_door_that_does_not_exist_is_a_bad_setting(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="99"):
            locker.Driver(locker.Settings(jam=("99",)), tmp_path)


class TestPrinter:
    SLIP = Print("slip-1", 1, Document((Text("谢谢光临"),)))

    def test_a_slip_comes_out_once(self, start: Start, tmp_path: Path) -> None:
        driver = start(printer, print_s=0)
        assert driver.carry_out(self.SLIP).outcome is Outcome.DONE
        assert driver.carry_out(self.SLIP).outcome is Outcome.ALREADY
        assert driver.carry_out(replace(self.SLIP, revision=2)).outcome is Outcome.DONE
        assert len(list((tmp_path / "slips").iterdir())) == 2

    def test_a_slip_that_a_power_cut_has_torn_stops_no_other(self, start: Start, tmp_path: Path) -> None:
        (tmp_path / "slips").mkdir()
        (tmp_path / "slips" / "000001.json").write_bytes(b'{"job":"sl')
        assert start(printer, print_s=0).carry_out(self.SLIP).outcome is Outcome.DONE

    def test_the_roll_ends_and_is_changed(self, start: Start, heard: Heard, tmp_path: Path) -> None:
        driver = start(printer, print_s=0, roll=2, low=1)
        driver.carry_out(self.SLIP)
        assert heard.states[-1].paper == "low"
        driver.carry_out(replace(self.SLIP, job="slip-2"))
        assert heard.states[-1].paper == "out"
        assert driver.carry_out(replace(self.SLIP, job="slip-3")).reason == Reason.PAPER_OUT
        act(tmp_path, "paper-in")
        heard.until(lambda: heard.states[-1].paper == "ok")
        assert driver.carry_out(replace(self.SLIP, job="slip-3")).outcome is Outcome.DONE

    def test_a_roll_that_is_taken_out_while_a_slip_prints_is_out(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        driver = start(printer, print_s=0)
        monkeypatch.setattr(printer, "time", SimpleNamespace(sleep=lambda _: driver._on_action("paper-out")))
        driver.carry_out(self.SLIP)
        assert driver.state().paper == "out"
        assert driver.carry_out(replace(self.SLIP, job="slip-2")).reason == Reason.PAPER_OUT

    def test_a_silent_printer_is_not_said_to_have_paper(self, start: Start) -> None:
        driver = start(printer, mute=True)
        assert driver.carry_out(self.SLIP).reason == Reason.NO_RESPONSE
        assert (driver.state().paper, driver.state().online) == ("unknown", False)

    def test_slips_of_an_earlier_run_are_kept_but_not_for_ever(self, start: Start, tmp_path: Path) -> None:
        for run in range(3):
            driver = start(printer, print_s=0)
            for number in range(printer.KEPT // 2):
                driver.carry_out(replace(self.SLIP, job=f"{run}-{number}"))
        slips = sorted((tmp_path / "slips").iterdir())
        assert len(slips) == printer.KEPT
        assert slips[-1].name == f"{3 * (printer.KEPT // 2):06d}.json"


class TestScreen:
    def test_it_shows_what_is_desired_and_the_picture_has_its_colour(self, start: Start) -> None:
        driver = start(screen)
        driver.apply(desired_body("screen", make_body([make_coupon(0)])))
        assert _colour(driver) == (0xD9, 0xE8, 0xF8)

    def test_what_it_cannot_show_it_refuses(self, start: Start) -> None:
        with pytest.raises(ValueError, match="a screen shows"):
            start(screen).apply(Bare(1))

    def test_a_scene_is_what_its_picture_is_of_until_the_wall_comes_back(self, start: Start) -> None:
        driver = start(screen)
        driver.apply(desired_body("screen", make_body([make_coupon(0)])))
        assert driver.carry_out(Show(ProductScene("1", {"en": "x"}, "CNY", "", "#FF0000"))).outcome is Outcome.DONE
        assert _colour(driver) == (0xFF, 0, 0)
        assert driver.carry_out(Show(WallScene())).outcome is Outcome.DONE
        assert _colour(driver) == (0xD9, 0xE8, 0xF8)

    def test_a_dark_screen_has_no_picture(self, start: Start) -> None:
        assert start(screen, dark=True).carry_out(Snapshot()).outcome is Outcome.FAILED


class TestAfterARestart:
    """Things stay where they are, whatever becomes of the process that watches them."""

    def test_a_bank_remembers_what_lies_in_it(self, start: Start, tmp_path: Path, heard: Heard) -> None:
        first = start(locker)
        for action in ("fill-03", "open-05", "jam-07"):
            act(tmp_path, action)
        heard.until(lambda: _doors(first)["03"].occupied and _doors(first)["05"].door == "open")
        heard.until(lambda: first.carry_out(Unlock("07")).reason == Reason.JAMMED)
        heard.until(lambda: _doors(first)["07"].lock == "jammed")
        left = _doors(first)
        first.stop()
        again = start(locker)
        assert _doors(again) == left
        assert again.carry_out(Unlock("07")).reason == Reason.JAMMED

    def test_a_door_that_stood_open_closes_in_its_time(self, start: Start, tmp_path: Path, heard: Heard) -> None:
        first = start(locker)
        act(tmp_path, "open-05")
        heard.until(lambda: _doors(first)["05"].door == "open")
        first.stop()
        again = start(locker, auto_close_s=0.05)
        heard.until(lambda: _doors(again)["05"].door == "closed")

    def test_a_cart_that_is_out_stays_out(self, start: Start, heard: Heard) -> None:
        first = start(cart, pull_out_s=0.05)
        first.carry_out(Unlock())
        heard.until(lambda: ("undocked", {}) in heard.events)
        first.stop()
        again = start(cart)
        assert (again.state().lock, again.state().docked) == ("unlocked", False)
        assert again.carry_out(Unlock()).reason == Reason.NOT_DOCKED

    def test_a_roll_does_not_grow_again(self, start: Start, tmp_path: Path, heard: Heard) -> None:
        first = start(printer)
        act(tmp_path, "paper-out")
        heard.until(lambda: first.state().paper == "out")
        first.stop()
        assert start(printer).state().paper == "out"

    @pytest.mark.parametrize(
        "left", [b"", b"{", b'{"doors": 7}', b"\xff\xfe", b'{"doors": {"99": {"lock": "melted"}}}']
    )
    def test_what_cannot_be_read_is_put_aside(self, start: Start, tmp_path: Path, left: bytes) -> None:
        (tmp_path / "things.json").write_bytes(left)
        assert len(_doors(start(locker))) == 12


def _doors(driver: Any) -> Any:
    return driver.state().doors


def _colour(driver: screen.Driver) -> Any:
    result = driver.carry_out(Snapshot())
    picture = Image.open(io.BytesIO(base64.b64decode(result.observed["png"])))
    assert picture.size == screen.SIZE
    return picture.getpixel((5, 5))
