"""`storekeeper setup`: an empty folder becomes a store with TLS to its broker; doing it again changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from device_drivers.agent import Agent, Link
from device_drivers.locks.simulated_cart import Driver
from device_drivers.locks.simulated_cart import Settings as CartSettings
from edge.bootstrap.gateway import open_gateway
from edge.cli.app import app
from edge.cli.options import logged_in
from edge.secrets.credentials import passwords, read_passwords
from edge.settings.settings import Settings, load
from operations.setup import broker_run
from operations.setup.answers import Answers, DeviceAnswers
from operations.setup.places import Places
from operations.setup.steps import Setup
from tests.conftest import free_port, need

CART = """
[[devices]]
id = "cart-01"
kind = "cart"
driver = "locks.simulated_cart"
zone = "entrance"
label = { zh-CN = "1号购物车", en = "Cart 1", de = "Wagen 1" }
at = [1.2, 12.0]
"""


class Box:
    """A folder that is a box."""

    def __init__(self, root: Path) -> None:
        self.places = Places.of(root)
        self.ports = [str(free_port()) for _ in range(3)]

    def setup(self, *more: str) -> Result:
        http, inside, broker = self.ports
        flags = ["--port", http, "--inside", inside, "--broker-port", broker]
        address = ["--address", f"http://192.168.1.10:{http}"]
        return CliRunner().invoke(app, ["setup", "--root", str(self.places.root), *flags, *address, *more])

    @property
    def settings(self) -> Settings:
        return logged_in(load(self.places.config))

    def files(self) -> dict[str, str]:
        found = (path for path in self.places.root.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    need("mosquitto")
    made = Box(tmp_path_factory.mktemp("box"))
    done = made.setup("--name", "Fresh Life", "--manager", "Chen Li")
    assert done.exit_code == 0, done.output
    assert "PIN of Chen Li" in done.output
    return made


def test_an_empty_folder_becomes_a_store(box: Box) -> None:
    settings = box.settings
    assert settings.store.name["en"] == "Fresh Life"
    assert settings.gateway.broker.url.startswith("mqtts://")
    assert (box.places.data / "codes.pdf").read_bytes().startswith(b"%PDF")
    for secret in (box.places.authority / "ca.key", box.places.logins):
        assert secret.stat().st_mode & 0o077 == 0, secret
    for shared in (box.places.key, box.places.passwords):  # with the broker's group, where root writes them
        assert shared.stat().st_mode & 0o027 == 0, shared


def test_again_changes_nothing(box: Box) -> None:
    before = box.files()
    done = box.setup("--name", "Another name", "--manager", "Somebody else")
    assert done.exit_code == 0, done.output
    assert _made(done) == []
    assert "PIN" not in done.output
    assert box.files() == before


def test_each_service_of_an_installed_box_is_handed_its_own(tmp_path: Path) -> None:
    """As a service manager wants it; below a folder, where root's own are not touched."""
    places = Places.of(tmp_path / "box", handed=True)
    places.config.mkdir(parents=True)
    places.config.chmod(0o2755)  # as the package makes it: with the services' group
    screen = DeviceAnswers("screen-door", "screen", "entrance", {"en": "Screen"}, (1.0, 1.0))
    cart = DeviceAnswers("cart-01", "cart", "entrance", {"en": "Cart"}, (1.0, 2.0), "locks.simulated_cart")
    answers = Answers(name={"en": "X"}, address="http://192.168.1.10:8080", devices=(screen, cart))
    for _ in range(2):
        for step in Setup(answers, places, datetime.now(UTC)).steps():
            if step.change:
                step.act()
    handed = {path.parent.name: sorted(read_passwords(path)) for path in places.secrets.glob("*/devices.toml")}
    assert handed == {"gateway": ["gateway"], "devices": ["cart-01"], "kiosk@screen-door": ["screen-door"]}
    assert len(places.store_key.read_bytes()) == 32
    assert (places.data / "secrets/store.key").resolve() == places.store_key
    settings = {path.name: stat.S_IMODE(path.stat().st_mode) for path in places.config.glob("*.*")}
    assert settings == {"store.toml": 0o640, "devices.toml": 0o640, "gateway.toml": 0o640, "ca.crt": 0o644}
    assert [step.what for step in Setup(answers, places, datetime.now(UTC)).steps() if step.change] == []


def test_a_plan_does_nothing(tmp_path: Path) -> None:
    root = tmp_path / "box"
    done = Box(root).setup("--name", "Fresh Life", "--plan")
    assert done.exit_code == 0, done.output
    assert "would" in done.output
    assert not root.exists()


def test_what_is_lost_is_made_again_and_the_rest_stays(box: Box, tmp_path: Path) -> None:
    other = Box(tmp_path / "box")
    shutil.copytree(box.places.root, other.places.root)
    other.ports = box.ports
    other.places.passwords.unlink()
    other.places.certificate.write_text("nonsense")
    done = other.setup()
    assert done.exit_code == 0, done.output
    made = [line.partition(":")[0] for line in _made(done)]
    assert sorted(made) == [
        "  made broker",
        "  made broker",
        "  made broker's certificate",
        "  made logins at the broker",
    ], made


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ((), "name: expected"),
        (("--name", "X", "--languages", "klingon"), "languages: expected some of"),
        (("--name", "X", "--region", "XX"), "region"),
        (("--name", "X", "--region", "US", "--currency", "USD"), "timezone"),
        (("--name", "X", "--address", "shop"), "address: expected"),
        (("--name", "X", "--store", "Ö"), "store: expected"),
        (("--name", "X", "--store", "s001\n"), "store: expected"),
        (("--name", "X", "--port", "8081", "--inside", "8081"), "port 8081 is taken"),
        (("--name", "X", "--device", "cart=gateway"), "login of the box itself"),
        (("--name", "X", "--device", "cart=poster-door"), "the name of a device"),
        (("--name", "\udcff"), "expected text"),
        (("--name", "X", "--cloud", "http://cloud.example"), "https"),
    ],
)
def test_a_wrong_answer_is_one_sentence(flags: tuple[str, ...], said: str, tmp_path: Path) -> None:
    arguments = ["setup", "--root", str(tmp_path / "box"), *flags]
    if "--address" not in flags:
        arguments += ["--address", "http://192.168.1.10:8080"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "box").exists()


@pytest.mark.parametrize("url", ["mqtts://127.0.0.1:99999", "mqtts://127.0.0.1:abc", "mqtts://[::1", "mqtts://"])
def test_an_address_of_the_broker_that_is_none_is_one_sentence(url: str, tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.places.config.mkdir(parents=True)
    (box.places.config / "gateway.toml").write_text(f'public_url = "http://[::"\n[broker]\nurl = "{url}"\n')
    done = box.setup("--name", "X", "--plan")
    assert (done.exit_code, "gateway.toml: [broker] url: expected" in done.output) == (2, True), done.output


def test_settings_with_a_broker_in_clear_are_not_made_secure_behind_anybodys_back(tmp_path: Path) -> None:
    config = tmp_path / "box/etc/storekeeper"
    config.mkdir(parents=True)
    (config / "gateway.toml").write_text('[broker]\nurl = "mqtt://127.0.0.1:1883"\n')
    done = Box(tmp_path / "box").setup("--name", "X")
    assert done.exit_code == 2
    assert "mqtts://127.0.0.1" in done.output


async def test_gateway_and_cart_meet_over_tls(box: Box, tmp_path: Path) -> None:
    path = box.places.config / "devices.toml"
    before = path.read_text("utf-8")
    path.write_text(before + CART, "utf-8")
    try:
        assert box.setup().exit_code == 0
        settings = box.settings
        with broker_run.running(box.places, int(box.ports[2])):
            async with open_gateway(settings) as gateway:
                agent = Agent("cart-01", Driver(CartSettings(), tmp_path), _link(box, "cart-01"), tmp_path)
                agent.start()
                try:
                    await _until(lambda: gateway.devices.bus.connected and agent.connected)
                finally:
                    agent.stop()
    finally:
        path.write_text(before, "utf-8")


def _made(done: Result) -> list[str]:
    return [line for line in done.output.splitlines() if line.startswith("  made ")]


def _link(box: Box, device: str, authority: Path | None = None) -> Link:
    words = passwords(box.places.data)
    return Link(
        "127.0.0.1",
        int(box.ports[2]),
        "s001",
        device,
        words[device],
        tls=True,
        authority=str(authority or box.places.ca),
    )


async def _until(true: object, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.02)
