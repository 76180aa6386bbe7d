"""Setting a device up from the command line, against boards and printers written from their papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from tests.device_drivers.locks.kerong_emulator import TcpLine
from tests.device_drivers.printers.emulator import Printer, TcpPort

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

run = CliRunner().invoke


@pytest.fixture
def board(tmp_path: Path) -> Iterator[TcpLine]:
    line = TcpLine(tmp_path, "cu48b", (0,)).plug()
    yield line
    line.unplug()


def test_a_probe_reads_and_opens_one_lock_only_if_told(board: TcpLine, tmp_path: Path) -> None:
    refused = run(app, ["devices", "probe", board.url], input="n\n")
    assert board.pulses == []
    assert refused.exit_code == 0, refused.output
    agreed = run(
        app, ["devices", "probe", board.url, "--lock", "0/7", "--record", str(tmp_path / "b.jsonl")], input="y\n"
    )
    assert agreed.exit_code == 0, agreed.output
    assert [(address, lock) for _, address, lock in board.pulses] == [(0, 6)]
    assert "closed_bit = 1" in agreed.output
    assert (tmp_path / "b.jsonl").stat().st_size > 0


def test_a_port_where_nobody_is_gets_a_sentence() -> None:
    assert "expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port" in run(app, ["devices", "probe", "x"]).output
    gone = run(app, ["devices", "probe", "serial:///dev/no-such-port"])
    assert gone.exit_code == 1
    assert "/dev/no-such-port: " in gone.output


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/dev/input/no-such-scanner", "there is no port /dev/input/no-such-scanner"),
        ("serial:///dev/no-such-port", "there is no port /dev/no-such-port"),
        ("serial:///etc/passwd", "it is no serial port"),
        ("file:///dev/no-such-printer", "there is no port /dev/no-such-printer"),
        ("tcp://nobody.invalid:9100", "no host of that name is known here"),
        ("x", "expected serial:///dev/ttyUSB0"),
    ],
)
def test_a_place_where_nothing_is_found_gets_a_sentence_too(place: str, said: str) -> None:
    looked = run(app, ["devices", "find", "--at", place])
    assert looked.exit_code == 0, looked.output
    assert place not in looked.stdout, "what is not there was not found"
    assert f"{place}: " in looked.stderr
    assert said in looked.stderr
    assert "Errno" not in looked.stderr


def test_a_wire_that_is_none_is_said_before_anything_is_asked() -> None:
    """It was a traceback, after the sentence had been typed."""
    said = run(app, ["devices", "open-every-lock", "cu48", "--dialect", "cu48b"], input="open every lock\n")
    assert said.exit_code == 2
    assert "expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port" in said.output
    assert "This opens every door" not in said.output


def test_every_lock_opens_only_for_the_sentence(board: TcpLine) -> None:
    hasty = run(app, ["devices", "open-every-lock", board.url, "--dialect", "cu48b"], input="yes\n")
    assert hasty.exit_code == 2
    assert "open every lock" in hasty.output
    assert board.pulses == []
    meant = run(app, ["devices", "open-every-lock", board.url, "--dialect", "cu48b"], input="open every lock\n")
    assert meant.exit_code == 0, meant.output


def test_a_probe_finds_a_printer_and_prints_only_if_told() -> None:
    printer = Printer()
    port = TcpPort(printer)
    try:
        refused = run(app, ["devices", "probe", port.url, "--kind", "printer"], input="n\n")
        assert refused.exit_code == 0, refused.output
        assert 'confirm = "order"' in refused.output
        printer.idle()
        assert not any(command.name == b"\n" for command in printer.tape)
        agreed = run(app, ["devices", "probe", port.url, "--kind", "printer"], input="y\nn\ny\n")
        assert 'paper = 58, cjk = "gb18030", confirm = "order"' in agreed.output
        printer.set(mute=True)
        silent = run(app, ["devices", "probe", port.url, "--kind", "printer"], input="n\n")
        assert silent.exit_code == 1
        assert "No printer answered" in silent.output
    finally:
        port.close()
        printer.switch_off()


def test_a_test_card_comes_out_of_a_printer_and_as_a_picture(tmp_path: Path) -> None:
    printer = Printer()
    port = TcpPort(printer)
    try:
        done = run(app, ["devices", "test-card", port.url, "--preview", str(tmp_path / "card.png")])
        assert done.exit_code == 0, done.output
        assert '"printed": "yes"' in done.output
        assert printer.error is None
        assert printer.tape
        printer.set(cover_open=True)
        assert "cover_open" in run(app, ["devices", "test-card", port.url]).output
    finally:
        port.close()
        printer.switch_off()
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")
