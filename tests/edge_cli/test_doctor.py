"""The doctor on boxes that are well, and on boxes that are not."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from device_drivers.broker import BrokerAddress
from edge.bus import probe as looking
from edge.bus import rights as trying
from edge.bus.brokers import mosquitto
from edge.bus.probe import probe
from edge.cli.checks import Finding, Health, examine
from edge.secrets import credentials
from operations.diagnosis import secret_files
from tests.conftest import free_port

EXAMPLE = Path(__file__).parents[2] / "config"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker may be slow to answer, as this machine is."""
    monkeypatch.setattr(looking, "PATIENCE", 60.0)
    monkeypatch.setattr(trying, "PATIENCE_S", 60.0)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings that name ports on which nobody listens."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "config"))
    ports = [free_port() for _ in range(3)]
    text = (folder / "gateway.toml").read_text("utf-8")
    text = text.replace("port = 8080", f"port = {ports[0]}").replace("127.0.0.1:1883", f"127.0.0.1:{ports[1]}")
    (folder / "gateway.toml").write_text(text.replace("127.0.0.1:8090", f"127.0.0.1:{ports[2]}"), "utf-8")
    return folder


def about(what: str, config: Path, data: Path) -> Finding:
    """The finding that begins so."""
    found = list(examine(config, data))
    return next(finding for finding in found if finding.text.startswith(what))


def test_a_box_before_its_first_start_can_run_a_store(config: Path, tmp_path: Path) -> None:
    found = list(examine(config, tmp_path / "data"))
    assert [finding.text for finding in found if finding.health is Health.ILL] == []
    assert about("cloud", config, tmp_path).health is Health.NOTE
    assert "facts wait in the journal" in about("cloud", config, tmp_path).text


def test_mistakes_in_the_settings_are_said_in_full(config: Path, tmp_path: Path) -> None:
    (config / "gateway.toml").write_text("prot = 1")
    found = list(examine(config, tmp_path))
    assert found[-1].health is Health.ILL
    assert 'gateway.toml:1: unknown key "prot"' in found[-1].text


def test_secrets_that_others_may_read(config: Path, tmp_path: Path) -> None:
    credentials.prepare(tmp_path, ["gateway"])
    (tmp_path / "secrets" / "store.key").chmod(0o644)
    finding = about("secrets", config, tmp_path)
    assert finding.health is Health.ILL
    assert f"chmod 600 {tmp_path}/secrets/store.key" in finding.text


def test_settings_that_everybody_on_an_installed_box_may_read(config: Path, tmp_path: Path) -> None:
    found = [each.text for each in secret_files.settings(config)]
    assert found == [], "a folder that is no box's has no group that could read them instead"
    config.chmod(0o2755)
    (config / "devices.toml").chmod(0o640)
    (config / "gateway.toml").chmod(0o644)
    (config / "store.toml").chmod(0o640)
    found = [each.text for each in examine(config, tmp_path) if each.text.startswith("settings: everybody")]
    assert found == [f"settings: everybody on this box may read {config}/gateway.toml: chmod 640 {config}/gateway.toml"]


def test_a_port_that_another_program_has(config: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (config / "gateway.toml").write_text(f"[http]\nport = {port}\n")
        finding = about("port", config, tmp_path)
    assert finding.health is Health.ILL
    assert "another program has it" in finding.text


def test_a_broker_that_a_real_store_needs_and_that_is_away(config: Path, tmp_path: Path) -> None:
    (config / "gateway.toml").write_text(f'[broker]\nkind = "external"\nurl = "mqtt://127.0.0.1:{free_port()}"\n')
    finding = about("broker", config, tmp_path)
    assert finding.health is Health.ILL
    assert "start it (systemctl start mosquitto)" in finding.text


def test_mosquitto_is_named_and_measured(
    config: Path, tmp_path: Path, require: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("mosquitto")
    monkeypatch.setattr(looking, "VERSION_S", 60.0)
    data, port = tmp_path / "data", free_port()
    credentials.prepare(data, ["gateway", "doctor"])
    broker = mosquitto(port, tmp_path / "broker", credentials.passwords(data))
    broker.start()
    try:
        (config / "gateway.toml").write_text(f'[broker]\nurl = "mqtt://127.0.0.1:{port}"\n')
        finding = about("broker", config, data)
        assert finding.health is Health.WELL, finding.text
        assert "mosquitto version 2" in finding.text
        assert "ms there and back" in finding.text
        stranger = probe(BrokerAddress("127.0.0.1", port), "s001", None)
        assert stranger.refused is not None
    finally:
        broker.stop()


def test_the_embedded_broker_is_measured_too(config: Path, tmp_path: Path, embedded: object) -> None:
    url = embedded.url  # type: ignore[attr-defined]
    (config / "gateway.toml").write_text(f'[broker]\nurl = "{url}"\n')
    finding = about("broker", config, tmp_path)
    assert finding.health is Health.WELL, finding.text
    assert "does not say its name" in finding.text


def test_an_extension_that_is_not_there_is_named(config: Path, tmp_path: Path) -> None:
    with (config / "store.toml").open("a", encoding="utf-8") as file:
        file.write('\n[extensions]\nnouns = ["ghosts"]\ndrivers = ["ghosts.door"]\nscreens = ["ghost"]\n')
    for name in ("ghosts", "ghosts.door", "ghost"):
        found = about(f"extension {name} is left out", config, tmp_path)
        assert found.health is Health.NOTE
        assert "no package here offers it" in found.text
