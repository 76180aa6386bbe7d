"""The command line as a person meets it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.table import Table
from typer.testing import CliRunner

from edge.cli import tables
from edge.cli.app import app
from tests.command import storekeeper

EXAMPLE = Path(__file__).parents[2] / "config"
EXTRAS = (
    "cryptography", "fastapi", "itsdangerous", "iotcore", "jinja2", "kivy", "PIL", "phonenumbers", "prometheus_client",
    "reportlab", "requests", "segno", "sqlite_utils", "starlette", "uvicorn", "uvloop", "zstandard",
)  # fmt: skip


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, as typer made it."""
    todo: list[tuple[str, Any]] = [("storekeeper", typer.main.get_command(app))]
    while todo:
        name, command = todo.pop()
        yield name, command
        todo += [(f"{name} {child}", found) for child, found in getattr(command, "commands", {}).items()]


def on_a_bare_box(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command where no extra is installed."""
    program = f"import sys; sys.modules.update(dict.fromkeys({EXTRAS!r})); from edge.cli.app import main; main()"
    argv = [sys.executable, "-c", program, *map(str, arguments)]
    told = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, env=told)


def test_the_issue_s_commands_are_all_there() -> None:
    names = {name.removeprefix("storekeeper ") for name, _ in commands()}
    assert names >= {
        "run", "demo", "doctor", "devices list", "devices run", "journal tail", "journal verify", "journal rebuild",
        "sync run", "sync status", "cloud run", "kiosk run", "qr sheet", "qr show",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_and_every_option_is_explained(name: str, command: Any) -> None:
    assert command.help, f"{name} says nothing about itself"
    for parameter in command.params:
        if parameter.name not in ("help", "install_completion", "show_completion"):
            assert getattr(parameter, "help", None), f"{name}: {parameter.name} is not explained"
    if not hasattr(command, "commands"):
        assert command.epilog, f"{name} shows no example"
        assert f"`{name}" in command.epilog, f"{name} shows an example of something else"


def test_help_and_version() -> None:
    runner = CliRunner()
    assert "storekeeper demo" in runner.invoke(app, ["--help"]).output
    assert runner.invoke(app, ["--version"]).output.startswith("storekeeper ")
    assert runner.invoke(app, ["demo", "-h"]).exit_code == 0


def test_wrong_settings_are_said_once_and_end_with_two(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "config")
    (folder / "gateway.toml").write_text("prot = 1")
    done = storekeeper("devices", "list", "--config", folder)
    assert done.returncode == 2
    assert 'gateway.toml:1: unknown key "prot"' in done.stderr
    assert "Traceback" not in done.stderr


def test_devices_are_listed() -> None:
    done = storekeeper("devices", "list", "--kind", "locker", "--config", EXAMPLE)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["id", "locker-a", "locker-b"]


def test_a_row_is_one_line_however_narrow_the_terminal_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every device's label broke into two lines in a pipe, where 80 columns are taken for granted."""
    monkeypatch.setenv("COLUMNS", "40")
    devices = (EXAMPLE / "devices.toml").read_text("utf-8").count("\n[[devices]]")
    lines = storekeeper("devices", "list", "--config", EXAMPLE).stdout.splitlines()
    assert len(lines) == 1 + devices
    table = Table("who", "what")
    table.add_row("a" * 200, "b" * 200)
    tables.show(table)
    assert any("a" * 200 in line and "b" * 200 in line for line in capsys.readouterr().out.splitlines())


def test_unknown_devices_are_refused_before_anything_runs() -> None:
    done = storekeeper("devices", "run", "cart-99", "--config", EXAMPLE)
    assert done.returncode == 2
    assert "No such device: cart-99" in done.stderr


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("gateway", ["run"]),
        ("gateway", ["qr", "sheet"]),
        ("sync", ["sync", "run"]),
        ("cloud", ["cloud", "run"]),
        ("all", ["demo"]),
    ],
)
def test_a_missing_part_is_one_clear_line(extra: str, arguments: list[str], tmp_path: Path) -> None:
    done = on_a_bare_box(*arguments, "--config", EXAMPLE, "--data", tmp_path)
    assert done.returncode == 3, done.stderr
    assert f'pip install "storekeeper[{extra}]"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["run"], ["cloud", "run"]])
def test_an_address_that_cannot_be_had_is_named(command: list[str], tmp_path: Path) -> None:
    """uvicorn's own end is the exit code of a part that is missing, and no word of what to do."""
    gateway = shutil.copytree(EXAMPLE, tmp_path / "config") / "gateway.toml"
    text = gateway.read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for host, found in (("127.0.0.1", "another program has that port"), ("203.0.113.9", "this box has no such")):
            listens, several = re.subn(r'host = "0\.0\.0\.0"\nport = \d+', f'host = "{host}"\nport = {port}', text)
            assert several == 1
            gateway.write_text(listens.replace("127.0.0.1:1883", f"127.0.0.1:{port}"), "utf-8")
            where = [] if command == ["run"] else ["--host", host, "--port", port]
            done = storekeeper(*command, *where, "--config", gateway.parent, "--data", tmp_path / "data")
            assert done.returncode == 1, done.stderr
            assert f"{host}:{port}: {found}" in done.stderr
            assert "Traceback" not in done.stderr


def test_a_kiosk_without_kivy_says_so(tmp_path: Path) -> None:
    arguments = ["--device", "screen-baby", "--config", EXAMPLE, "--data", tmp_path]
    done = on_a_bare_box("kiosk", "run", *arguments)
    assert done.returncode in (3, 69)
    assert "storekeeper[kiosk]" in done.stderr


def test_a_device_box_needs_the_base_installation_only() -> None:
    for arguments in (
        ["--help"],
        ["devices", "run", "--help"],
        ["devices", "list", "--config", EXAMPLE],
        ["doctor", "-h"],
    ):
        done = on_a_bare_box(*arguments)
        assert done.returncode == 0, done.stderr


def test_commands_on_data_that_is_not_there(tmp_path: Path) -> None:
    for command in (["journal", "tail"], ["journal", "verify"], ["journal", "rebuild"], ["sync", "status"]):
        done = storekeeper(*command, "--config", EXAMPLE, "--data", tmp_path)
        assert done.returncode == 1
        assert "has not run on this data yet" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_code_in_the_terminal(tmp_path: Path) -> None:
    done = storekeeper("qr", "show", "cart-07", "--config", EXAMPLE, "--data", tmp_path)
    assert done.returncode == 0
    assert "/t/cart-07." in done.stdout
    assert "▀" in done.stdout
    assert storekeeper("qr", "show", "nothing", "--config", EXAMPLE, "--data", tmp_path).returncode == 1
