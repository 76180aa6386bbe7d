"""The driver and a printer with which everything goes wrong."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import Identify, Print
from device_drivers.contract.documents import parse
from device_drivers.driver import Outcome, Reason, State
from device_drivers.host import BadDevice, DeviceEntry, build
from device_drivers.printers import escpos_link
from device_drivers.printers.escpos import Driver, Settings
from tests.device_drivers.printers.conftest import QUICK
from tests.device_drivers.printers.interpreter import Interpreter
from tests.device_drivers.printers.samples import COPY, SAMPLES, document

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_drivers.driver import Result
    from tests.device_drivers.conftest import Heard
    from tests.device_drivers.printers.conftest import Counter
    from tests.device_drivers.printers.emulator import Printer, PtyPort

    Make = Callable[..., Counter]

FINE = {"printed": "yes", "paper": "ok", "cover": "closed"}


def _said(result: Result) -> tuple[str, str | None, str]:
    return result.outcome, result.reason, result.observed["printed"]


def _until(true: Callable[[], bool], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# --- a slip comes out ---


@pytest.mark.parametrize("confirm", ["order", "process_id"])
@pytest.mark.parametrize("name", SAMPLES)
def test_slips_come_out(counter: Make, name: str, confirm: str) -> None:
    printer = counter(confirm=confirm)
    result = printer.send(document(name, "zh-CN"))
    assert (result.outcome, result.observed) == (Outcome.DONE, FINE)
    assert len(printer.slips()) == 1
    assert printer.heard.states[-1] == State(paper="ok", cover="closed", online=True)


def test_the_same_slip_comes_out_once(counter: Make) -> None:
    printer = counter()
    assert printer.print("one").outcome is Outcome.DONE
    assert _said(printer.print("one")) == (Outcome.ALREADY, None, "yes")
    printer.restart()
    assert _said(printer.print("one")) == (Outcome.ALREADY, None, "yes")
    assert printer.print("two", revision=2).outcome is Outcome.DONE
    assert printer.texts() == ["one", "two"]


def test_a_copy_is_asked_for_and_says_so(counter: Make) -> None:
    printer = counter()
    printer.print("one")
    assert printer.print("one", copy=COPY).outcome is Outcome.DONE
    assert printer.texts() == ["one", "COPY · 副本 one COPY · 副本"]
    assert printer.print("one").outcome is Outcome.ALREADY


def test_who_is_this(counter: Make) -> None:
    printer = counter()
    assert printer.driver.carry_out(Identify()).outcome is Outcome.DONE
    assert printer.texts()[0].startswith("printer-1 tcp://")


TOO_WIDE = {"kind": "barcode", "symbology": "code128", "data": "W" * 48}


@pytest.mark.parametrize("lines", [[], [{"kind": "text", "text": "\x1b@"}], [TOO_WIDE]])
def test_a_bad_document_is_refused_with_a_reason(counter: Make, lines: list[Any]) -> None:
    printer = counter(paper=58)
    result = printer.send({"lines": lines})
    assert _said(result) == (Outcome.REFUSED, Reason.BAD_ARGS, "no")
    assert result.observed["error"]
    assert printer.printer.received == 0


# --- it will not print now: nothing is sent, and it can be tried again ---


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"paper": 0}, Reason.PAPER_OUT),
        ({"cover_open": True}, Reason.COVER_OPEN),
        ({"offline": True}, Reason.OFFLINE),
        ({"cutter_jammed": True}, Reason.JAMMED),
        ({"paper": 0, "cover_open": True}, Reason.COVER_OPEN),
    ],
)
def test_a_printer_that_cannot_print_is_sent_nothing(counter: Make, fault: dict[str, Any], reason: Reason) -> None:
    printer = counter()
    printer.printer.set(**fault)
    for _ in range(2):
        assert _said(printer.print("later")) == (Outcome.REFUSED, reason, "no")
    assert all(command.name == b"\x10\x04" for command in printer.printer.tape)
    printer.printer.set(paper=9_999_999, cover_open=False, offline=False, cutter_jammed=False)
    assert printer.print("later").outcome is Outcome.DONE
    assert printer.texts() == ["later"]


def test_a_silent_printer_is_unknown_and_is_sent_nothing(counter: Make) -> None:
    printer = counter(status_s=2.0)
    printer.printer.set(mute=True)
    result = printer.print("later")
    assert _said(result) == (Outcome.FAILED, Reason.NO_RESPONSE, "no")
    assert result.observed["paper"] == result.observed["cover"] == "unknown"
    assert printer.heard.states[-1] == State(paper="unknown", cover="unknown")
    printer.printer.set(mute=False)
    assert printer.print("later").outcome is Outcome.DONE
    assert printer.texts() == ["later"]


def test_a_printer_that_is_not_there(counter: Make) -> None:
    printer = counter()
    printer.port.unplug()
    assert _said(printer.print("later"))[1:] == (Reason.PORT_LOST, "no")
    printer.port.plug_in()
    assert printer.print("later").outcome is Outcome.DONE


def test_low_paper_is_said_and_printed_on(counter: Make) -> None:
    printer = counter()
    printer.printer.set(paper=400)
    result = printer.print("x")
    assert (result.outcome, result.observed["paper"]) == (Outcome.DONE, "low")


def test_the_last_of_the_roll_is_enough(counter: Make) -> None:
    """Paper that ends behind the slip took nothing from it."""
    printer = counter()
    printer.printer.set(paper=40)
    assert _said(printer.print("x"))[0] in (Outcome.DONE, Outcome.UNKNOWN)
    assert printer.texts() == ["x"]


# --- something happens in the middle ---

LONG = {"language": "en", "lines": [{"kind": "text", "text": f"line {number}"} for number in range(40)]}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may be slow to say that it forgot everything."""
    monkeypatch.setattr(escpos_link, "CLEAR_S", 60.0)


def in_the_middle(printer: Printer, **faults: object) -> None:
    """What will happen when some lines of the next slip are on paper."""
    printer.happens_at[len(printer.tape) + 30] = faults


@pytest.mark.usefixtures("patient")
def test_paper_out_in_the_middle_leaves_nothing_behind(counter: Make) -> None:
    """The printer forgets the rest, so that it does not come out on the next roll; then the slip comes out whole."""
    printer = counter()
    printer.printer.set(paper=300)
    assert _said(printer.send(LONG)) == (Outcome.FAILED, Reason.PAPER_OUT, "no")
    printer.printer.put_paper_in()
    assert printer.send(LONG).outcome is Outcome.DONE
    torn, whole = printer.texts()
    assert torn.startswith("line 0")
    assert "line 39" not in torn
    assert (whole.startswith("line 0"), "line 39" in whole) == (True, True)


def test_paper_out_in_a_printer_that_forgets_nothing_is_unknown(counter: Make) -> None:
    printer = counter(printer={"clears": False})
    printer.printer.set(paper=300)
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.PAPER_OUT, "unknown")
    printer.printer.put_paper_in()
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.PAPER_OUT, "unknown")
    assert printer.send({**LONG, "copy": COPY}).outcome is Outcome.DONE
    first, copy = printer.texts()
    assert ("line 39" in first, "line 39" in copy, "COPY" in copy) == (True, True, True)
    assert _said(printer.send(LONG)) == (Outcome.ALREADY, None, "yes")


@pytest.mark.usefixtures("patient")
def test_the_cover_is_opened_in_the_middle(counter: Make) -> None:
    printer = counter()
    in_the_middle(printer.printer, cover_open=True)
    assert _said(printer.send(LONG)) == (Outcome.FAILED, Reason.COVER_OPEN, "no")
    printer.printer.set(cover_open=False)
    assert printer.send(LONG).outcome is Outcome.DONE
    assert ["line 39" in slip for slip in printer.texts()] == [False, True]


@pytest.mark.parametrize("after", [10, 200, 400])
def test_the_cable_comes_out_in_the_middle(counter: Make, after: int) -> None:
    printer = counter()
    printer.port.hang_up_after = after
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.PORT_LOST, "unknown")
    printer.restart()
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.PORT_LOST, "unknown")
    assert printer.send({**LONG, "copy": COPY}).outcome is Outcome.DONE
    whole = [slip for slip in printer.texts() if "line 39" in slip]
    assert len(whole) == 1
    assert whole[0].startswith("COPY")


def test_half_a_picture_does_not_swallow_the_next_slip(counter: Make) -> None:
    """The cable came out inside a picture: the printer waits for the rest of it."""
    printer = counter(cjk="raster", code_page="")
    picture = {"language": "zh-CN", "lines": [{"kind": "text", "text": "鲜汇生活"}]}
    printer.port.hang_up_after = 900
    assert printer.send(picture).outcome is Outcome.UNKNOWN
    assert printer.print("next", job="other").outcome is Outcome.DONE
    slips = Interpreter(576, chinese=False).run(printer.printer.tape)
    assert [slip.lines[:1] for slip in slips][-1] == ["next"]


def test_half_a_picture_in_a_printer_that_answers_in_turn(counter: Make) -> None:
    """As above, and it takes even the question how it is for the rest of the picture."""
    printer = counter(printer={"real_time": False}, cjk="raster", code_page="", status_s=3.0)
    printer.port.hang_up_after = 900
    assert printer.send({"lines": [{"kind": "text", "text": "鲜汇生活"}]}).outcome is Outcome.UNKNOWN
    assert printer.print("next", job="other").outcome is Outcome.DONE


def test_a_slow_printer_is_waited_for(counter: Make) -> None:
    printer = counter()
    printer.printer.set(dots_per_s=1000.0)
    began = time.monotonic()
    assert printer.send(LONG).outcome is Outcome.DONE
    assert time.monotonic() - began > 1.0


def test_a_slow_line_is_waited_for(counter: Make) -> None:
    printer = counter(printer={"buffer": 512})
    printer.port.bytes_per_s = 2000.0
    assert printer.send({"lines": LONG["lines"] * 8}).outcome is Outcome.DONE


def test_a_printer_that_falls_silent_in_the_middle_is_unknown(counter: Make) -> None:
    printer = counter(print_s=1.5, status_s=2.0)
    in_the_middle(printer.printer, mute=True)
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.NO_RESPONSE, "unknown")


def test_a_late_reply_to_a_broken_off_slip_is_not_taken_for_the_next(counter: Make) -> None:
    """A slip was given up, its confirmation is still on the way, and the next slip does not come out."""
    printer = counter(printer={"clears": False}, print_s=1.2)
    printer.printer.set(dots_per_s=100.0)
    assert printer.send(LONG, job="slow").outcome is Outcome.UNKNOWN
    printer.printer.set(dots_per_s=0.0)
    printer.restart(print_s=60.0)
    assert printer.print("next", job="next").outcome is Outcome.DONE
    assert printer.texts()[-1] == "next"


# --- what comes back and is no answer ---


NOISE = (bytes(2), bytes(64), b"\x0f" * 30, b"ABCDEFGHIJKL", b"paper ok\r\n", b"7%\x00", b"\x20\x00" * 6, b"\xff")


@pytest.mark.parametrize(
    ("confirm", "knows_model", "stray"),
    [
        *[("order", knows_model, stray) for stray in NOISE for knows_model in (True, False)],
        *[("process_id", True, stray) for stray in (bytes(2), b'7"0000\x00', b"7%\x00")],
    ],
)
def test_noise_from_a_printer_that_hangs_confirms_nothing(
    counter: Make, confirm: str, knows_model: bool, stray: bytes
) -> None:
    """It answers the first questions, sends a few bytes in the middle of the slip, and is silent."""
    printer = counter(confirm=confirm, print_s=0.6, status_s=1.5)
    printer.printer.set(knows_model=knows_model, dots_per_s=100.0)
    printer.printer.set(noise=(stray, printer.printer.received + 200, True))
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.NO_RESPONSE, "unknown")
    assert _said(printer.send(LONG)) == (Outcome.UNKNOWN, Reason.NO_RESPONSE, "unknown"), "never by itself again"


@pytest.mark.parametrize("knows_model", [True, False])
@pytest.mark.parametrize("stray", NOISE[:5])
def test_noise_from_a_printer_that_goes_on_is_never_taken_for_paper(
    counter: Make, stray: bytes, knows_model: bool
) -> None:
    """The roll ends before the slip does, and the noise must not have confirmed it."""
    printer = counter()
    printer.printer.set(knows_model=knows_model, dots_per_s=2000.0, paper=300)
    printer.printer.set(noise=(stray, printer.printer.received + 200, False))
    assert printer.send(LONG).observed["printed"] != "yes"


def test_a_status_with_noise_in_it_is_no_status(counter: Make) -> None:
    """Two answers to one question: nobody knows which one counts, so nothing is sent to that printer."""
    printer = counter()
    printer.printer.set(noise=(b"rr", 1, False))
    assert _said(printer.print("x")) == (Outcome.FAILED, Reason.NO_RESPONSE, "no")
    assert printer.print("x").outcome is Outcome.DONE
    assert printer.texts() == ["x"]


def test_a_printer_without_a_model_confirms_too(counter: Make) -> None:
    printer = counter()
    printer.printer.set(knows_model=False)
    assert printer.print("one", job="one").outcome is Outcome.DONE
    assert printer.print("two", job="two").outcome is Outcome.DONE
    assert printer.texts() == ["one", "two"]


# --- printers that cannot say ---


def test_a_printer_that_knows_only_its_status(counter: Make) -> None:
    printer = counter(confirm="status")
    assert _said(printer.print("x")) == (Outcome.DONE, None, "unknown")
    printer.printer.set(paper=0)
    assert _said(printer.print("y", job="y")) == (Outcome.REFUSED, Reason.PAPER_OUT, "no")


def test_a_printer_that_says_nothing_ever(counter: Make) -> None:
    printer = counter(confirm="none")
    printer.printer.set(mute=True)
    result = printer.print("x")
    assert _said(result) == (Outcome.DONE, None, "unknown")
    assert result.observed["paper"] == "unknown"
    _until(lambda: printer.texts() == ["x"])


# --- what the gateway hears ---


def test_an_idle_printer_is_asked_how_it_is(counter: Make) -> None:
    printer = counter(poll_s=0.05)
    expected = [
        ({"paper": 400}, State(paper="low", cover="closed", online=True)),
        ({"paper": 0}, State(paper="out", cover="closed", online=False)),
        ({"cover_open": True}, State(paper="out", cover="open", online=False)),
        ({"cover_open": False, "paper": 9_999_999}, State(paper="ok", cover="closed", online=True)),
    ]
    for fault, state in expected:
        printer.printer.set(**fault)
        printer.heard.until(lambda state=state: printer.heard.states[-1:] == [state])  # type: ignore[misc]
    printer.port.unplug()
    printer.heard.until(lambda: printer.heard.states[-1] == State(paper="unknown", cover="unknown", online=False))
    printer.port.plug_in()
    printer.heard.until(lambda: printer.heard.states[-1] == State(paper="ok", cover="closed", online=True))


def test_a_full_disk_prints_nothing(counter: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    printer = counter()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(printer.driver._slips, "start", full)
    assert _said(printer.print("x")) == (Outcome.FAILED, Reason.INTERNAL, "no")
    assert printer.texts() == []


def test_nothing_is_printed_after_the_deadline(counter: Make) -> None:
    printer = counter()
    slip = {"language": "en", "lines": [{"kind": "text", "text": "x"}]}
    assert _said(printer.send(slip, deadline=time.monotonic())) == (Outcome.EXPIRED, None, "no")
    assert printer.texts() == []
    assert printer.send(slip, deadline=time.monotonic() + 60).outcome is Outcome.DONE


def test_a_slip_that_expires_over_the_one_before_does_not_leave_that_to_the_next(counter: Make) -> None:
    printer = counter()
    printer.driver._slips.start("torn", 1)
    slip = {"language": "en", "lines": [{"kind": "text", "text": "x"}]}
    # Hearing out what the broken-off slip may still say takes longer than this.
    assert printer.send(slip, deadline=time.monotonic() + 0.5).outcome is Outcome.EXPIRED
    assert not printer.driver._slips.broken()
    assert printer.send(slip, deadline=time.monotonic() + 60).outcome is Outcome.DONE
    assert printer.texts() == ["x"]


def test_damaged_notes_are_put_aside(counter: Make, tmp_path: Path) -> None:
    folder = tmp_path / "printer-1"
    folder.mkdir()
    (folder / "slips.db").write_bytes(b"no database at all " * 400)
    assert counter().print("x").outcome is Outcome.DONE
    assert (folder / "slips.broken").exists()


def test_notes_are_bounded(counter: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device_drivers.printers.escpos_slips.KEPT", 5)
    printer = counter()
    for number in range(8):
        printer.print("x", job=f"job-{number}")
    assert [printer.print("x", job=f"job-{number}").outcome for number in (7, 3)] == [Outcome.ALREADY] * 2
    assert printer.print("x", job="job-0").outcome is Outcome.DONE


# --- other ports ---


@pytest.mark.parametrize("scheme", ["serial", "file"])
def test_serial_ports_and_device_files(
    scheme: str, serial_printer: tuple[Printer, PtyPort], heard: Heard, tmp_path: Path
) -> None:
    printer, port = serial_printer
    url = f"serial://{port.path}?baud=115200" if scheme == "serial" else f"file://{port.path}"
    driver = Driver(Settings(url=url, **QUICK), tmp_path / "printer-1")
    driver.start(heard)
    try:
        for number in range(3):
            args = Print(f"job-{number}", 1, parse(document("receipt", "zh-CN")))
            assert driver.carry_out(args).outcome is Outcome.DONE
        printer.set(paper=0)
        again = Print("job-9", 1, parse(document("locker", "en")))
        assert _said(driver.carry_out(again)) == (Outcome.REFUSED, Reason.PAPER_OUT, "no")
    finally:
        driver.stop()
    assert len(Interpreter(576).run(printer.tape)) == 3


def test_a_device_file_that_is_gone(heard: Heard, tmp_path: Path) -> None:
    driver = Driver(Settings(url="file:///dev/usb/lp99", **QUICK), tmp_path / "printer-1")
    driver.start(heard)
    args = Print("a", 1, parse(document("locker", "en")))
    assert _said(driver.carry_out(args)) == (Outcome.FAILED, Reason.PORT_LOST, "no")
    driver.stop()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "url"),
        ({"url": "ftp://printer"}, "expected"),
        ({"url": "tcp://h:9100", "paper": 76}, "paper"),
        ({"url": "tcp://h:9100", "profile": "nope"}, "TM-T88V"),
        ({"url": "tcp://h:9100", "colour": True}, "known are"),
        ({"url": "tcp://h:9100", "code_page": "klingon"}, "klingon"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(BadDevice, match=says):
        build(DeviceEntry("printer-1", "printer", "printers.escpos", settings), tmp_path)


MANUAL = (Path(__file__).parents[3] / "docs" / "drivers" / "escpos.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_the_manual_has_every_setting(name: str) -> None:
    assert f"| `{name}` |" in MANUAL


def test_the_document_in_the_manual_prints(counter: Make) -> None:
    found = re.search(r"```json\n(.*?)```", MANUAL, re.DOTALL)
    assert found
    printer = counter()
    assert printer.send(msgspec.json.decode(found[1])).outcome is Outcome.DONE
