"""A password reaches a broker encrypted, or on this machine, or not at all."""

from __future__ import annotations

import datetime as dt
import ipaddress
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from device_drivers.agent import Agent
from device_drivers.beacons import mqtt as beacons
from device_drivers.broker import BrokerAddress, PasswordInClear
from device_drivers.connection import Link
from device_drivers.host import DeviceEntry, Host, Links
from device_drivers.locks.simulated_cart import Driver, Settings
from edge.settings.settings import SettingsError, load
from tests.conftest import PATHS, free_port, need

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "open-sesame-4711"
CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The settings of the example store, to be changed."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


@pytest.mark.parametrize("host", ["10.0.0.5", "store-box", "192.168.1.2", "[2001:db8::1]", "127.0.0.1.example"])
def test_no_password_leaves_this_machine_in_clear(host: str, tmp_path: Path) -> None:
    broker = BrokerAddress.parse(f"mqtt://{host}")
    with pytest.raises(PasswordInClear, match="password in clear"):
        broker.check(SECRET)
    broker.check(None)
    broker.check(SECRET, in_clear=True)
    BrokerAddress.parse(f"mqtts://{host}").check(SECRET)
    link = Link(broker.host, broker.port, "s001", "cart-01", SECRET)
    with pytest.raises(PasswordInClear):
        Agent("cart-01", Driver(Settings(), tmp_path), link, tmp_path)
    with pytest.raises(PasswordInClear):
        beacons.Driver(beacons.Settings({}, {}, host=broker.host, username="ble", password=SECRET), tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST.", "[::1]", "127.9.9.9"])
def test_on_this_machine_nobody_else_listens(host: str) -> None:
    BrokerAddress.parse(f"mqtt://{host}").check(SECRET)


def test_the_port_follows_the_scheme() -> None:
    assert BrokerAddress.parse("mqtt://box") == BrokerAddress("box", 1883)
    assert BrokerAddress.parse("mqtts://box") == BrokerAddress("box", 8883, tls=True)
    assert BrokerAddress.parse("mqtts://box:99").port == 99


def test_a_host_names_the_device_that_it_does_not_start(tmp_path: Path) -> None:
    host = Host(Links("10.0.0.5", 1883, "s001", {"cart-01": SECRET}), tmp_path)
    host.start([DeviceEntry("cart-01", "cart", "locks.simulated_cart")])
    assert "in clear" in host.failures["cart-01"]
    assert SECRET not in host.failures["cart-01"]


@pytest.mark.parametrize("command", [["devices", "run"], ["kiosk", "run", "--device", "screen-baby"]])
def test_commands_refuse_in_a_sentence(command: list[str], example: Path, tmp_path: Path) -> None:
    gateway = example / "gateway.toml"
    gateway.write_text(f'data = "{tmp_path}"\n[broker]\nkind = "external"\nurl = "mqtt://10.0.0.5"\n', "utf-8")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "devices.toml").write_text(f'cart-01 = "{SECRET}"\nscreen-baby = "{SECRET}"\n', "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", *command, "--config", str(example)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "password_in_clear" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_settings_refuse_a_gateway_that_would(example: Path) -> None:
    gateway = example / "gateway.toml"
    text = f'[broker]\nkind = "external"\nurl = "mqtt://10.0.0.5"\npassword = "{SECRET}"\n'
    gateway.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="password in clear") as refused:
        load(example)
    assert SECRET not in str(refused.value)
    gateway.write_text(text + "password_in_clear = true\n", "utf-8")
    assert load(example).gateway.broker.password == SECRET


def test_tls_that_was_asked_for_is_spoken(tmp_path: Path) -> None:
    """A listener where TLS was promised sees a handshake, and no password."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = Link("127.0.0.1", listener.getsockname()[1], "s001", "cart-01", SECRET, tls=True)
        agent = Agent("cart-01", Driver(Settings(), tmp_path), link, tmp_path)
        agent.start()
        line, _ = listener.accept()
        with line:
            line.settimeout(60)
            heard = line.recv(4096)
        agent.stop()
    assert heard[:2] == b"\x16\x03", "a TLS handshake record"
    assert SECRET.encode() not in heard


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Mosquitto with TLS and a certificate of an authority that this process trusts: its port."""
    need("mosquitto")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = {
        "cert.pem": certificate.public_bytes(serialization.Encoding.PEM),
        "key.pem": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    }
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
        (tmp_path / file).chmod(0o644)  # mosquitto may give up root
    tmp_path.chmod(0o755)
    port = free_port()
    (tmp_path / "tls.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\ncertfile {tmp_path}/cert.pem\nkeyfile {tmp_path}/key.pem\n"
        "user root\n",
        "utf-8",
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    running = subprocess.Popen(
        [str(shutil.which("mosquitto", path=PATHS)), "-c", str(tmp_path / "tls.conf")], stderr=subprocess.DEVNULL
    )
    _until(lambda: _speaks_tls(port))
    yield port
    running.terminate()
    running.wait(60)


def test_a_device_comes_up_over_tls(guarded: int, tmp_path: Path) -> None:
    folder = tmp_path / "device"
    folder.mkdir()
    agent = Agent(
        "cart-01", Driver(Settings(), folder), Link("127.0.0.1", guarded, "s001", "cart-01", SECRET, tls=True), folder
    )
    agent.start()
    _until(lambda: agent.connected)
    agent.stop()


def _speaks_tls(port: int) -> bool:
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 20) as line,
            ssl.create_default_context().wrap_socket(line, server_hostname="127.0.0.1"),
        ):
            return True
    except OSError:
        return False


def _until(true: object, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
