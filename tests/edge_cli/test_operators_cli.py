from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.secrets import operators, staff_pins, tills

CONFIG = Path(__file__).resolve().parents[2] / "config"


def run(data: Path, *words: str, said: str = "", noun: str = "operators") -> tuple[int, str]:
    done = CliRunner().invoke(app, [noun, *words, "--config", str(CONFIG), "--data", str(data)], input=said)
    return done.exit_code, done.output


def test_operators_come_and_go(tmp_path: Path) -> None:
    code, said = run(tmp_path, "add", "chen", "--name", "陈工", said="eight words fewer than that\n")
    assert (code, "eight" in said) == (0, False)
    path = operators.file_of(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text("utf-8")
    assert "$argon2id$" in text
    assert "eight" not in text
    assert operators.is_right(operators.read(path)["chen"], "eight words fewer than that")
    assert not operators.is_right(operators.read(path)["chen"], "eight words fewer than thaT")
    assert not operators.is_right(None, "eight words fewer than that")
    assert "陈工" in run(tmp_path, "list")[1]
    assert run(tmp_path, "remove", "chen")[0] == 0
    assert run(tmp_path, "remove", "chen")[0] == 1


def test_a_new_secret_changes_neither_name_nor_role(tmp_path: Path) -> None:
    staff = tmp_path / "secrets" / "staff.toml"
    run(tmp_path, "add", "wang", "--name", "王店长", "--role", "manager", said="917204\n", noun="staff")
    before = staff_pins.read(staff)["wang"]
    assert run(tmp_path, "add", "wang", said="835016\n", noun="staff") == (
        0,
        "王店长 (manager) can log in at /staff.\n",
    )
    entry = staff_pins.read(staff)["wang"]
    assert (entry.name, entry.role, entry.key != before.key) == ("王店长", "manager", True)
    for password in ("eight words fewer than that", "nine words fewer than that"):
        run(tmp_path, "add", "chen", *(["--name", "陈工"] if "eight" in password else []), said=password + "\n")
    assert operators.read(operators.file_of(tmp_path))["chen"].name == "陈工"


def test_nobody_is_staff_and_operator_by_one_id(tmp_path: Path) -> None:
    """It would be the member of staff, and the operator locked out."""
    run(tmp_path, "add", "chen", said="eight words fewer than that\n")
    code, said = run(tmp_path, "add", "chen", said="917204\n", noun="staff")
    assert (code, "is an operator" in said) == (2, True)
    run(tmp_path, "add", "li", said="917204\n", noun="staff")
    assert run(tmp_path, "add", "li", said="eight words fewer than that\n")[0] == 2


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 200, "chenchen-1"])
def test_passwords_that_will_not_do(tmp_path: Path, password: str) -> None:
    code, said = run(tmp_path, "add", "chenchen", said=password + "\n")
    assert (code, "will not do" in said) == (2, True)


def test_a_token_for_metrics(tmp_path: Path) -> None:
    code, said = run(tmp_path, "token", "prometheus")
    assert code == 0
    assert tills.who(operators.tokens_of(tmp_path), said.strip()) == "prometheus"
    assert run(tmp_path, "remove", "prometheus")[0] == 0


@pytest.mark.parametrize("name", ["Li\u202e", "L\ufeffi", "Li\nWang", "x" * 201])
@pytest.mark.parametrize("noun", ["staff", "operators"])
def test_a_name_that_nobody_can_read_as_it_is_is_refused(tmp_path: Path, noun: str, name: str) -> None:
    code, said = run(tmp_path, "add", "li", "--name", name, said="917204\n", noun=noun)
    assert code == 2
    assert "expected" in said
    assert "found" in said
    assert not (tmp_path / "secrets").exists()
