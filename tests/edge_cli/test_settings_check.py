# ruff: noqa: E501 - messages stand as they are printed
"""`storekeeper check`: the three files and each driver's own settings, with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.cli.checks import Health, examine
from edge.cli.device_check import check_devices
from edge.settings import file_sets
from edge.settings.settings import load

EXAMPLE = Path(__file__).parents[2] / "config"
WIRED = 'driver = "locks.kerong"\nsettings = { url = "serial:///dev/ttyUSB0", closed_bit = 1, dialect = "cu48"'
BANK = 'driver = "locks.simulated_locker"\nsettings = { auto_close_s = 10.0, hands = true }'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "config"))


def change(folder: Path, old: str, new: str, file: str = "devices.toml") -> int:
    """Replaces the first `old`; the line it stands on."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def checked(folder: Path) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["check", "--config", str(folder), "--data", str(folder / "data")])
    lines = [line.strip() for line in result.stderr.splitlines()]
    return result.exit_code, [line for line in lines if re.match(r"\w+\.toml:", line)]


def test_the_example_is_good(folder: Path) -> None:
    result = CliRunner().invoke(app, ["check", "--config", str(folder), "--data", str(folder / "data")])
    assert (result.exit_code, result.output) == (0, f"The settings in {folder} are good.\n")


@pytest.mark.parametrize(
    ("old", "new", "below", "said"),
    [
        ('driver = "locks.simulated_cart"', 'driver = "locks.simulated_kart"', 0, 'driver: there is no driver "locks.simulated_kart"; did you mean "locks.simulated_cart"?'),
        ("hands = true", "hnads = true", 0, 'unknown key "hnads" in the settings of locks.simulated_locker; did you mean "hands"?'),
        ("auto_close_s = 10.0", 'auto_close_s = "10"', 0, 'auto_close_s: expected a number; found "10"'),
        (BANK, WIRED.replace("cu48", "CU-48") + " }", 1, 'dialect: expected one of cu48, cu48b, cu16; found "CU-48"; did you mean "cu48"?'),
        (BANK, WIRED.replace("serial://", "") + " }", 1, "url: port '/dev/ttyUSB0': expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port"),
        (BANK, WIRED + ", locks = 8 }", -3, "bank: locks.kerong has 8 doors, 01 to 08 by its settings; found also 09, 10, 11, 12"),
        (BANK, WIRED.replace("closed_bit = 1", "closed_bit = 7") + " }", 1, "closed_bit: expected one of 0, 1; found 7"),
        (BANK, WIRED.replace("USB0", "USB0?baud=fast") + " }", 1, "url: port 'serial:///dev/ttyUSB0?baud=fast': expected a whole number in it; known are baud, parity (N, E, O), stop (1, 2)"),
        ('driver = "locks.simulated_cart"', 'driver = "locks.simulated_locker"', -1, 'kind: locks.simulated_locker makes a locker; found "cart"'),
    ],
)  # fmt: skip
def test_a_device_that_its_driver_cannot_run(folder: Path, old: str, new: str, below: int, said: str) -> None:
    line = change(folder, old, new)
    assert checked(folder) == (2, [f"devices.toml:{line + below}: {said}"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('host = "0.0.0.0"', 'host = "999.1.1.1"', 'http.host: expected an address such as 0.0.0.0 or 192.168.1.10; found "999.1.1.1"'),
        ('host = "0.0.0.0"', 'host = "http://shop"', 'http.host: expected an address or a name of this box such as 0.0.0.0; found "http://shop"'),
        ("port = 8080", 'port = 8080\ninside = "127.0.0.1:8080"', "http: inside: port 8080 is taken by port; choose another"),
        ("port = 8080", 'port = 8080\ninside = "127.0.0.1:99999"', "http.inside: expected a port up to 65535; found 99999"),
    ],
)  # fmt: skip
def test_where_no_gateway_could_listen(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, old, new, "gateway.toml")
    code, (line,) = checked(folder)
    assert (code, line.split(": ", 1)[1]) == (2, said)


def test_all_mistakes_come_at_once(folder: Path) -> None:
    change(folder, "hands = true", "hnads = true")
    change(folder, 'zone = "entrance"', 'zone = "entrence"')
    code, lines = checked(folder)
    assert code == 2
    assert len(lines) == 2


def test_what_is_wrong_is_known_by_device(folder: Path) -> None:
    line = change(folder, "hands = true", "hnads = true")
    (found,) = check_devices(folder, load(folder)).devices.items()
    assert found[0] == "locker-a"
    assert found[1][0].startswith(f"devices.toml:{line}: unknown key")


def test_where_nothing_is_wrong_no_lines_are_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(folder)
    monkeypatch.setattr("edge.cli.device_check.read_toml", lambda file: pytest.fail(f"{file} is read"))
    assert not check_devices(folder, settings).mistakes


def test_a_screen_that_is_none(folder: Path) -> None:
    label = 'label = { zh-CN = "1号购物车"'
    number = change(folder, label, f'screen = "cart-02"\n{label}')
    line = change(folder, "# screens = [", "screens = ['screen-freh'] # [", "store.toml")
    assert checked(folder) == (
        2,
        [
            f'store.toml:{line}: baskets.screens: there is no screen "screen-freh"; did you mean "screen-fresh"?',
            f'devices.toml:{number}: screen: there is no screen "cart-02"; known: screen-baby, screen-entrance, screen-fresh',
        ],
    )


def test_links_are_named_and_never_applied(folder: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(folder, tmp_path / "new"))
    (new / "store.toml").rename(tmp_path / "ours.toml")
    (new / "store.toml").symlink_to(tmp_path / "ours.toml")
    said = "store.toml: expected the file itself, found a link: copies of the settings follow none"
    assert checked(new) == (2, [said])
    before = file_sets.read(folder)
    words = ["apply", str(new), "--config", str(folder), "--data", str(tmp_path / "data")]
    applied = CliRunner().invoke(app, words)
    assert (applied.exit_code, said in applied.stderr) == (2, True)
    assert file_sets.read(folder) == before


def test_nothing_is_applied_over_links(folder: Path, tmp_path: Path) -> None:
    """The way back would lead to a store without that file."""
    new = Path(shutil.copytree(folder, tmp_path / "new"))
    change(new, "fee = 200", "fee = 300", "store.toml")
    (folder / "store.toml").rename(tmp_path / "ours.toml")
    (folder / "store.toml").symlink_to(tmp_path / "ours.toml")
    words = ["apply", str(new), "--config", str(folder), "--data", str(tmp_path / "data")]
    applied = CliRunner().invoke(app, words)
    assert (applied.exit_code, "no release keeps links" in applied.stderr) == (1, True), applied.output
    assert (folder / "store.toml").is_symlink()


def test_the_doctor_says_it_too(folder: Path) -> None:
    line = change(folder, "hands = true", "hnads = true")
    found = [finding for finding in examine(folder, folder / "data") if finding.text.startswith("devices.toml")]
    assert [(each.health, each.text.partition(" ")[0]) for each in found] == [(Health.ILL, f"devices.toml:{line}:")]
