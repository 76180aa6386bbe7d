"""The uplink carries a token and all that a store records: never in clear, except to this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.cli.reconcile import _books
from edge.settings.settings import load
from sync.client import HttpCloud, InClear

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize(
    "url", ["http://cloud.example", "http://10.0.0.5:8090", "http://localhost.example", "http://127.1.evil.example"]
)
def test_http_to_another_box_is_refused(url: str) -> None:
    with pytest.raises(InClear, match="in clear"):
        HttpCloud(url, "s001", "the token")


@pytest.mark.parametrize(
    "url", ["https://cloud.example", "http://127.0.0.1:8090", "http://localhost:8090", "http://[::1]:8090"]
)
def test_https_and_this_machine_are_good(url: str) -> None:
    HttpCloud(url, "s001", "the token").close()


def test_the_command_says_it_and_sends_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    text = f'data = "{tmp_path}/data"\n[cloud]\nurl = "http://10.0.0.5:8090"\n'
    (config / "gateway.toml").write_text(text, "utf-8")
    done = CliRunner().invoke(app, ["sync", "run", "--config", str(config)])
    assert done.exit_code == 2
    assert "https://" in done.output


def test_nor_does_the_daily_comparison(tmp_path: Path) -> None:
    """It asked the cloud with the token, whatever the address was."""
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    text = f'data = "{tmp_path}/data"\n[cloud]\nurl = "http://10.0.0.5:8090"\ntoken = "secret"\n'
    (config / "gateway.toml").write_text(text, "utf-8")
    ask, why_not = _books(load(config))
    assert ask is None
    assert "in clear" in why_not
