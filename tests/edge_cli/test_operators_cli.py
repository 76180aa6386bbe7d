from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.secrets import operators, tills

CONFIG = Path(__file__).resolve().parents[2] / "config"


def run(data: Path, *words: str, said: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["operators", *words, "--config", str(CONFIG), "--data", str(data)], input=said)
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


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 200, "chenchen-1"])
def test_passwords_that_will_not_do(tmp_path: Path, password: str) -> None:
    code, said = run(tmp_path, "add", "chenchen", said=password + "\n")
    assert (code, "will not do" in said) == (2, True)


def test_a_token_for_metrics(tmp_path: Path) -> None:
    code, said = run(tmp_path, "token", "prometheus")
    assert code == 0
    assert tills.who(operators.tokens_of(tmp_path), said.strip()) == "prometheus"
    assert run(tmp_path, "remove", "prometheus")[0] == 0
