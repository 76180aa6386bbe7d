"""Brokers as processes: they start, they stop, and a bad one says why."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import psutil
import pytest

from edge.bus import brokers
from tests.contract.conftest import Gateway

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_broker_starts_again_on_its_port(own_broker: brokers.Broker) -> None:
    first = own_broker.pid
    own_broker.stop()
    own_broker.stop()
    assert own_broker.pid is None
    own_broker.start()
    assert own_broker.pid != first
    with Gateway(own_broker.url, "cart-01") as gateway:
        gateway.publish("status", b'{"online":true}', 1)
        gateway.wait("status")


def test_it_listens_on_loopback_alone(own_broker: brokers.Broker) -> None:
    process = psutil.Process(own_broker.pid)
    listening = {c.laddr.ip for c in process.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_port_in_use_is_said_at_once(mosquitto: brokers.Broker, tmp_path: Path) -> None:
    taken = int(mosquitto.url.rpartition(":")[2])
    with pytest.raises(brokers.BrokerError, match="in use"):
        brokers.mosquitto(taken, tmp_path, None).start()


def test_without_passwords_it_does_not_leave_the_box(port: Callable[[], int], tmp_path: Path) -> None:
    with pytest.raises(brokers.BrokerError, match="without passwords"):
        brokers.mosquitto(port(), tmp_path, None, address="0.0.0.0").start()


def test_a_broker_that_cannot_run_has_last_words(
    require: Callable[[str], None], port: Callable[[], int], tmp_path: Path
) -> None:
    require("mosquitto")
    broken = tmp_path / "templates" / "mosquitto"
    broken.mkdir(parents=True)
    (broken / "mosquitto.conf").write_text("no_such_option $port\n")
    with pytest.raises(brokers.BrokerError, match="no_such_option"):
        brokers.Mosquitto(port(), tmp_path / "run", None, "s001", templates=tmp_path / "templates").start()


def test_secrets_are_readable_by_their_owner_alone(
    require: Callable[[str], None], port: Callable[[], int], tmp_path: Path
) -> None:
    require("mosquitto")
    broker = brokers.mosquitto(port(), tmp_path, {"gateway": "a word"})
    broker.prepare()
    for name in ("passwords", "acl", "mosquitto.conf"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert "a word" not in (tmp_path / "passwords").read_text()


def test_its_password_file_is_what_mosquitto_writes_itself(
    require: Callable[[str], None], port: Callable[[], int], tmp_path: Path
) -> None:
    require("mosquitto_passwd")
    brokers.mosquitto(port(), tmp_path, {"gateway": "a word"}).prepare()
    ours = (tmp_path / "passwords").read_text().split("$")
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(tmp_path / "theirs"), "gateway", "a word"], check=True)
    theirs = (tmp_path / "theirs").read_text().split("$")
    assert ours[:3] == theirs[:3]
    assert [len(part) for part in ours] == [len(part) for part in theirs]
