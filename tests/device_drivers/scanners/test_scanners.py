"""Scanners on a pty, on a pipe of kernel events, and on a recorded input device (umockdev)."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
import tty
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import Find, Scanned
from device_drivers.driver import Outcome, Reason, Result
from device_drivers.scanners import hid, scanner, serial
from device_drivers.scanners.codes import MAX_CODE, Assembler, scanned
from device_drivers.scanners.keyboards import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.device_drivers.conftest import Heard

ROOT = Path(__file__).parents[3]
PATIENT_MS = 5000
"""A busy machine pauses in the middle of a code: so much silence does not end it."""


class TestCodes:
    @pytest.mark.parametrize(
        ("code", "symbology", "text"),
        [
            (b"4006381333931", None, "4006381333931"),
            (b"]E04006381333931", "ean13", "4006381333931"),
            (b"]E496385074", "ean8", "96385074"),
            (b"]Q1http://store/t/abc", "qr", "http://store/t/abc"),
            (b"]Q30104006381333931\x1d21A", "gs1-qr", "0104006381333931\x1d21A"),
            (b"]C10104006381333931", "gs1-128", "0104006381333931"),
            (b"]C0ABC", "code128", "ABC"),
            (b"]d201", "gs1-datamatrix", "01"),
            (b"]y0odd", None, "]y0odd"),
            ("会员码".encode(), None, "会员码"),
            ("会员码".encode("gb18030"), None, "会员码"),
        ],
    )
    def test_symbology_and_text(self, code: bytes, symbology: str | None, text: str) -> None:
        assert scanned(code, ("utf-8", "gb18030")) == Scanned(text, symbology)

    def test_what_is_no_text_keeps_its_bytes(self) -> None:
        assert scanned(b"]Q1\xff\xfe1") == Scanned("\ufffd\ufffd1", "qr", "fffe31")

    def test_a_nul_is_in_no_text_of_the_contract(self) -> None:
        assert scanned(b"]Q1a\x00b") == Scanned("a\ufffdb", "qr", "610062")

    def test_a_stuck_key_ends_in_nothing(self) -> None:
        parts = Assembler(b"\r\n", 0.15)
        assert parts.take(b"x" * (MAX_CODE + 1), 1.0) == []
        assert parts.take(b"\r\n4006381333931\r\n", 1.0) == [b"4006381333931"]

    def test_silence_ends_a_code(self) -> None:
        parts = Assembler(b"\r\n", 0.15)
        assert parts.take(b"400638", 1.0) == []
        assert parts.idle(1.1) == []
        assert parts.take(b"1333931", 1.1) == []
        assert parts.idle(1.24) == []
        assert parts.idle(1.26) == [b"4006381333931"]

    def test_who_reads_late_has_heard_no_silence(self) -> None:
        parts = Assembler(b"\r\n", 0.15)
        assert parts.take(b"400638", 1.0) == []
        assert parts.take(b"1333931\r", 3.0) == [b"4006381333931"]

    @pytest.mark.parametrize("stalls_s", [0.0, 9.0])
    def test_a_box_that_stalls_within_a_code_does_not_cut_it(
        self, monkeypatch: pytest.MonkeyPatch, stalls_s: float
    ) -> None:
        now = [100.0]
        pieces = iter([b"400638", b"", b"1333931", *[b""] * 9])

        class Line:
            close = open = flush_input = lambda *_: None

            def read(self, deadline: float) -> bytes:
                now[0] = deadline + stalls_s * (now[0] < 109)
                return next(pieces)

        monkeypatch.setattr(serial, "time", SimpleNamespace(monotonic=lambda: now[0]))
        port = serial._Port(Line(), serial.Settings("serial:///dev/x", ends=""))  # type: ignore[arg-type]
        port.open()
        assert port.codes(1000.0) == [b"4006381333931"]


@pytest.fixture
def running(heard: Heard, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    started: list[Any] = []

    def run(module: Any, **settings: Any) -> Any:
        started.append(module.Driver(module.Settings(**settings), tmp_path))
        started[-1].start(heard)
        return started[-1]

    yield run
    for driver in started:
        driver.stop()


class Gun:
    """A serial scanner whose port keeps its name when it is plugged in again."""

    def __init__(self, folder: Path) -> None:
        self.name = folder / "usb-scanner"
        self.plug()

    def plug(self) -> None:
        self.end, slave = os.openpty()
        tty.setraw(slave)
        self.name.symlink_to(os.ttyname(slave))
        os.close(slave)

    def unplug(self) -> None:
        os.close(self.end)
        self.name.unlink()


class TestSerial:
    def test_codes_in_pieces_and_without_an_end(self, running: Any, heard: Heard, tmp_path: Path) -> None:
        gun = Gun(tmp_path)
        driver = running(serial, url=f"serial://{gun.name}", silence_ms=PATIENT_MS)
        heard.until(lambda: driver.state().online is True)
        for byte in b"]E04006381333931\r\n":
            os.write(gun.end, bytes([byte]))
        heard.until(lambda: heard.events == [("scanned", {"symbology": "ean13", "text": "4006381333931"})])
        os.write(gun.end, b"6901234567892\r6901234567908\n")
        heard.until(lambda: len(heard.events) == 3)
        os.write(gun.end, b"no end")
        heard.until(lambda: heard.texts()[1:] == ["6901234567892", "6901234567908", "no end"])

    def test_unplugged_and_found_again(self, running: Any, heard: Heard, tmp_path: Path) -> None:
        gun = Gun(tmp_path)
        driver = running(serial, url=f"serial://{gun.name}")
        heard.until(lambda: driver.state().online is True)
        gun.unplug()
        heard.until(lambda: driver.state().online is False)
        gun.plug()
        heard.until(lambda: driver.state().online is True)
        os.write(gun.end, b"again\r")
        heard.until(lambda: heard.texts() == ["again"])

    def test_it_does_nothing_that_it_is_told(self, running: Any, tmp_path: Path) -> None:
        driver = running(serial, url=f"serial://{tmp_path}/gone")
        assert driver.carry_out(Find()) == Result(Outcome.REFUSED, Reason.BAD_ARGS)
        with pytest.raises(ValueError, match="nothing to show"):
            driver.apply(b"{}")
        with pytest.raises(ValueError, match="klingon"):
            serial.Driver(serial.Settings("serial:///dev/x", encodings=("klingon",)), tmp_path)


class Broken(scanner.Scanner):
    """One whose decoder has a fault that is none of the system's."""

    opened = 0

    def pause_s(self, listened_s: float) -> float:  # noqa: ARG002
        return 0.0

    def listen(self) -> None:
        self.opened += 1
        if self.opened < 3:
            raise ValueError("no picture of this size")
        self._is_there(there=True)
        self._ended.wait()


def test_a_fault_of_our_own_does_not_end_a_scanner(heard: Heard) -> None:
    broken = Broken()
    broken.start(heard)
    heard.until(lambda: broken.state().online is True)
    broken.stop()


KEYS = {
    **{str(digit): (2 + (digit - 1) % 10, False) for digit in range(10)},
    **{letter: (code, False) for code, letter in zip(range(16, 26), "qwertyuiop", strict=True)},
    **{letter: (code, True) for code, letter in zip(range(30, 39), "ASDFGHJKL", strict=True)},
    "/": (53, False),
    ":": (39, True),
    ".": (52, False),
    "-": (12, False),
    "?": (53, True),
    "=": (13, False),
    "\n": (28, False),
    "\t": (15, False),
    "\x1d": (27, None),
}
"""Written from linux/input-event-codes.h, key by key as a US keyboard has them."""


def strokes(text: str) -> list[tuple[int, int, int]]:
    """What the kernel says while this is typed: (type, code, value)."""
    events = []
    for character in text:
        code, shift = KEYS[character]
        holder = 29 if shift is None else 42
        if shift is not False:
            events += [(1, holder, 1), (0, 0, 0)]
        events += [(4, 4, 0x70000 + code), (1, code, 1), (0, 0, 0), (1, code, 0), (0, 0, 0)]
        if shift is not False:
            events += [(1, holder, 0), (0, 0, 0)]
    return events


def packed(events: list[tuple[int, int, int]]) -> bytes:
    return b"".join(struct.pack("llHHi", 1_700_000_000, 0, *event) for event in events)


class TestHid:
    @pytest.fixture
    def pipe(self, running: Any, heard: Heard, tmp_path: Path) -> Iterator[tuple[Any, int]]:
        path = tmp_path / "event7"
        os.mkfifo(path)
        end = os.open(path, os.O_RDWR)
        driver = running(hid, path=str(path), grab=False, silence_ms=PATIENT_MS)
        heard.until(lambda: driver.state().online is True)
        yield driver, end
        os.close(end)

    @pytest.mark.parametrize("end", ["\n", "\t", ""])
    def test_what_a_scanner_types(self, pipe: Any, heard: Heard, end: str) -> None:
        os.write(pipe[1], packed(strokes("4006381333931" + end)))
        heard.until(lambda: heard.texts() == ["4006381333931"])

    @pytest.mark.parametrize("layout", ["us", "de", "fr"])
    def test_every_sign_of_a_code_is_typed_on_every_keyboard(self, layout: Any) -> None:
        typed = keys(layout)
        signs = {
            sign: (code, held) for code, pair in typed.items() for held, sign in zip((0, 42, 100), pair, strict=True)
        }
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for sign in letters + " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~":
            code, held = signs[sign]
            typing = hid.Typing(layout)
            assert typing.key(held, 1) == b""
            assert typing.key(code, 1) == sign.encode(), (layout, sign)

    @pytest.mark.parametrize("layout", ["us", "de", "fr"])
    @pytest.mark.parametrize("held", [29, 42, 54, 56, 97, 100])
    def test_no_key_with_anything_held_is_a_fault(self, layout: Any, held: int) -> None:
        typing = hid.Typing(layout)
        for code in range(256):
            for key, value in ((held, 1), (code, 1), (code, 0), (held, 0)):
                assert len(typing.key(key, value)) <= 3

    def test_codes_from_a_german_and_a_french_scanner(self) -> None:
        german = [(35, 0), (20, 0), (20, 0), (25, 0), (52, 42), (8, 42), (8, 42), (44, 0), (53, 0), (21, 0), (9, 100)]
        french = [(code, 42) for code in (5, 11, 11, 7, 4, 9, 2, 4, 4, 4, 10, 4, 2)]
        for layout, pressed, text in (("de", german, "http://y-z["), ("fr", french, "4006381333931")):
            typing = hid.Typing(layout)  # type: ignore[arg-type]
            found = b""
            for code, held in pressed:
                typing.key(held, 1)
                found += typing.key(code, 1)
                typing.key(held, 0)
            assert found.decode() == text

    @pytest.mark.parametrize("key", [50, 36, 23])
    def test_ends_that_are_typed_with_control(self, pipe: Any, heard: Heard, key: int) -> None:
        end = [(1, 29, 1), (1, key, 1), (1, key, 0), (1, 29, 0)]  # Ctrl+M, Ctrl+J, Ctrl+I
        os.write(pipe[1], packed(strokes("4006381333931") + end + strokes("6901234567892") + end))
        heard.until(lambda: heard.texts() == ["4006381333931", "6901234567892"])

    def test_letters_signs_and_the_group_separator(self, pipe: Any, heard: Heard) -> None:
        data = packed(strokes("HAS:/quite.-9?=\x1d21\n"))
        for at in range(0, len(data), 7):
            os.write(pipe[1], data[at : at + 7])
        heard.until(lambda: heard.texts() == ["HAS:/quite.-9?=\x1d21"])

    def test_caps_lock_keypad_and_a_key_that_repeats(self, pipe: Any, heard: Heard) -> None:
        caps = [(1, 58, 1), (1, 58, 0)]
        keypad = [(1, 79, 1), (1, 79, 2), (1, 79, 2), (1, 79, 0), (1, 96, 1), (1, 96, 0)]
        os.write(pipe[1], packed(caps + strokes("q1A") + caps + strokes("q") + keypad))
        heard.until(lambda: heard.texts() == ["Q1aq1"])

    def test_digits_beside_alt_are_one_character(self, pipe: Any, heard: Heard) -> None:
        """`Alt+029`, as scanners write FNC1 for Windows, went into the batch with all that came behind it."""
        alt = [(1, 56, 1), *[(1, code, value) for code in (82, 80, 73) for value in (1, 0)], (1, 56, 0)]
        os.write(pipe[1], packed([*strokes("10A1"), *alt, *strokes("21\n")]))
        heard.until(lambda: heard.texts() == ["10A1\x1d21"])

    def test_lost_events_spoil_the_code_and_no_other(self, pipe: Any, heard: Heard) -> None:
        os.write(pipe[1], packed([*strokes("40063"), (0, 3, 0), *strokes("333931\n6901234567892\n")]))
        heard.until(lambda: heard.texts() == ["6901234567892"])

    def test_what_cannot_be_grabbed_is_not_read(self, running: Any, heard: Heard, tmp_path: Path) -> None:
        path = tmp_path / "no-device"
        os.mkfifo(path)
        end = os.open(path, os.O_RDWR)
        driver = running(hid, path=str(path))
        os.write(end, packed(strokes("1\n")))
        time.sleep(0.3)  # nothing tells that nothing happened
        os.close(end)
        assert heard.events == []
        assert driver.state().online is False

    def test_a_recorded_device_is_grabbed_and_read(self, require: Callable[[str], None], tmp_path: Path) -> None:
        require("umockdev-run")
        (tmp_path / "scanner.umockdev").write_text(
            "P: /devices/test/input/input7/event7\nN: input/event7\nE: DEVNAME=/dev/input/event7\n"
            "E: ID_INPUT=1\nE: ID_INPUT_KEYBOARD=1\nE: SUBSYSTEM=input\nA: dev=13:71\n\n"
        )
        at = (number / 1000 for number in range(10_000))
        (tmp_path / "scan.events").write_text(
            "".join(
                f"E: {next(at):.6f} {kind:04x} {code:04x} {value}\n"
                for kind, code, value in strokes("4006381333931\nASD\n")
            )
        )
        argv = [
            "umockdev-run",
            "-d",
            tmp_path / "scanner.umockdev",
            "-e",
            f"/dev/input/event7={tmp_path}/scan.events",
            "--",
        ]
        argv += [sys.executable, Path(__file__).with_name("recorded.py"), "/dev/input/event7", "2"]
        ran = subprocess.run(
            argv, capture_output=True, timeout=300, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
        )
        assert ran.returncode == 0, ran.stderr
        found = [json.loads(line)[1]["text"] for line in ran.stdout.splitlines()]
        assert found == ["4006381333931", "ASD"]
