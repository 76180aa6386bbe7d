"""What setup is told of devices, and the chain's code: emulated boards and printers answer it, and nothing opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli.app import app
from edge.settings.settings import load
from operations.setup import chain_code
from operations.setup.answers import BadAnswer
from operations.setup.places import Places
from tests.conftest import free_port, need
from tests.device_drivers.locks.kerong_emulator import TcpLine
from tests.device_drivers.printers.emulator import Printer, TcpPort

ADDRESS = "http://192.168.1.10:8080"


def setup(root: Path, *flags: str, stdin: str = "") -> Result:
    ports = ["--port", str(free_port()), "--inside", str(free_port()), "--broker-port", str(free_port())]
    return CliRunner().invoke(app, ["setup", "--root", str(root), *ports, *flags], input=stdin)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[TcpLine]:
    line = TcpLine(tmp_path / "line", "cu48", (0,), locked_is=1).plug()
    yield line
    line.stop()


def test_what_answers_is_written_as_it_answered(board: TcpLine, tmp_path: Path) -> None:
    need("mosquitto")
    printer = TcpPort(Printer())
    root = tmp_path / "box"
    try:
        done = setup(
            root, "--name", "X", "--address", ADDRESS, "-D", board.url, "-D", f"printer={printer.url}",
            "-D", f"scanner=tcp://127.0.0.1:{free_port()}", "-D", "cart=cart-01", "-D", "cart=cart-02",
        )  # fmt: skip
    finally:
        printer.close()
    assert done.exit_code == 0, done.output
    assert board.pulses == [], "setup opens nothing"
    found = {each.id: each for each in load(Places.of(root).config).devices}
    assert list(found) == ["locker-a", "printer-1", "scanner-1", "cart-01", "cart-02"]
    bank = found["locker-a"]
    assert (bank.driver, bank.settings["dialect"], bank.settings["closed_bit"]) == ("locks.kerong", "cu48", 1)
    assert len(bank.bank.M) == 48
    assert found["printer-1"].driver == "printers.escpos"
    assert found["scanner-1"].driver == "scanners.serial"
    assert found["cart-02"].driver == "elsewhere"
    assert found["cart-02"].at != found["cart-01"].at
    again = setup(root, "-D", "cart=cart-03")
    assert "devices enrol adds" in again.output


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("tcp://127.0.0.1:1", "device:"),
        ("/dev/ttyUSB0", "expected an address"),
        ("trolley=cart-01", "expected an address"),
        ("cart=Cart 1", "expected cart=ID"),
    ],
)
def test_what_does_not_answer_is_said_before_anything_is_written(device: str, said: str, tmp_path: Path) -> None:
    root = tmp_path / "box"
    done = setup(root, "--name", "X", "--address", ADDRESS, "--device", device)
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert "Traceback" not in done.output
    assert not root.exists()


def test_the_chains_code_says_it_all_but_what_a_flag_says(tmp_path: Path) -> None:
    need("mosquitto")
    root, places = tmp_path / "box", Places.of(tmp_path / "box")
    code = (
        "storekeeper://enrol/1?store=s014&name.en=Fresh+Life&name.de=Frisch&languages=en,de&region=DE&currency=EUR"
        "&address=http://192.168.7.2:8080&manager=Li&cloud=https://cloud.example&token=a-long-secret-of-the-chain"
    )
    done = setup(root, "--code", "-", "--manager", "Wang", stdin=code + "\n")
    assert done.exit_code == 0, done.output
    settings = load(places.config)
    assert (settings.store.id, settings.store.name["de"], settings.store.currency) == ("s014", "Frisch", "EUR")
    assert settings.gateway.cloud.url == "https://cloud.example"
    assert settings.gateway.public_url == "http://192.168.7.2:8080"
    assert "PIN of Wang" in done.output
    assert places.cloud_token.read_text() == "a-long-secret-of-the-chain"
    assert places.cloud_token.stat().st_mode & 0o077 == 0
    assert "a-long-secret" not in done.output + (places.config / "gateway.toml").read_text()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("hello", "expected storekeeper://enrol/1"),
        ("storekeeper://enrol/2?store=s1", "expected storekeeper://enrol/1"),
        ("storekeeper://enrol/1?name=X", "store is missing"),
        ("storekeeper://enrol/1?store=s001&stre=s002", 'did you mean "store"'),
        ("storekeeper://enrol/1?store=s001&store=s002", "twice"),
        ("storekeeper://enrol/1?store=s001&name.fr=X", "no language"),
        ("storekeeper://enrol/1?store=s001&token=", "token is empty"),
        ("storekeeper://enrol/1?store", "key=value"),
    ],
)
def test_a_wrong_code_is_one_sentence(code: str, said: str) -> None:
    with pytest.raises(BadAnswer, match="code") as refused:
        chain_code.read(code)
    assert said in str(refused.value)
