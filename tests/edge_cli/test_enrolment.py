"""Devices get a login, another one, and lose it; another box joins with a code. Real Mosquitto, real TLS."""

from __future__ import annotations

import os
import queue
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from typer.testing import CliRunner, Result

from device_drivers import pinning
from device_drivers.agent import Agent, Link
from device_drivers.locks.simulated_cart import Driver, Settings
from edge.bus import probe as looking
from edge.bus.probe import probe
from edge.cli.app import app
from edge.secrets.credentials import passwords
from edge.settings.settings import load
from operations.enrolment import bundle, joining, waiting
from operations.enrolment.code import BadCode, JoinCode, read
from operations.enrolment.desk import EnrolmentServer
from operations.enrolment.logins import Logins
from operations.setup import broker_run
from operations.setup.answers import Answers
from operations.setup.places import Places
from operations.setup.services import wanted
from operations.setup.steps import Setup
from tests.conftest import free_port, need

BASE_ONLY = "cryptography", "fastapi", "reportlab", "segno", "tomlkit"


class Store:
    """A store that was set up below a folder, and its running broker."""

    def __init__(self, root: Path) -> None:
        self.places = Places.of(root)
        self.port = free_port()

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--root", str(self.places.root)])

    def devices(self, *words: str) -> str:
        done = self.run("devices", *words)
        assert done.exit_code == 0, done.output
        return done.output

    def link(self, device: str, password: str) -> Link:
        return Link("127.0.0.1", self.port, "s001", device, password, tls=True, authority=str(self.places.ca))

    def word(self, device: str) -> str:
        return Logins.read(self.places).known[device]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    need("mosquitto")
    made = Store(tmp_path_factory.mktemp("store"))
    flags = ["--name", "X", "--address", "http://127.0.0.1:8080", "--broker-port", str(made.port)]
    done = made.run("setup", *flags, "--port", str(free_port()), "--inside", str(free_port()))
    assert done.exit_code == 0, done.output
    with broker_run.running(made.places, made.port):
        yield made


@pytest.fixture
def agent(store: Store, tmp_path: Path) -> Iterator[Callable[[str], Agent]]:
    """`agent(id)`: that device, connected."""
    made: list[Agent] = []

    def start(device: str, password: str | None = None) -> Agent:
        folder = tmp_path / f"{device}-{len(made)}"
        folder.mkdir()
        agent = Agent(device, Driver(Settings(), folder), store.link(device, password or store.word(device)), folder)
        made.append(agent)
        agent.start()
        return agent

    yield start
    for each in made:
        each.stop()


def test_a_new_device_is_enrolled_in_one_step(store: Store, agent: Callable[[str], Agent]) -> None:
    said = store.devices("enrol", "cart-07", "--kind", "cart", "--no-wait")
    assert "storekeeper join SK1/127.0.0.1:8884/" in said
    entry = next(each for each in load(store.places.config).devices if each.id == "cart-07")
    assert (entry.kind, entry.zone, entry.label["en"]) == ("cart", "entrance", "Cart 7")
    assert "cart-07" not in passwords(store.places.data), "this box runs no driver of it"
    comes_up(agent("cart-07"))


def test_what_would_spoil_the_store_is_refused_before_anything_is_written(store: Store) -> None:
    """The gateway's own login went to another box, and the broker let the gateway in no more; an id that a code has was
    a mistake in the settings of the next start.
    """
    devices = store.places.config / "devices.toml"
    before, logins = devices.read_bytes(), Logins.read(store.places)
    for words, said in (
        (("enrol", "gateway", "--kind", "cart"), '"gateway" is a login of the box itself'),
        (("replace", "gateway"), "gateway is the store's own and runs on this box: rotate it instead"),
        (("enrol", "doctor", "--here"), "doctor does not stand in devices.toml"),
        (("enrol", "poster-door", "--kind", "screen"), '"poster-door" is the name of a device'),
        (("enrol", "cart-31", "CART-32", "--kind", "cart"), "expected small letters"),
    ):
        done = store.run("devices", *words, "--no-wait" if words[-1] != "--here" else "--qr")
        assert done.exit_code != 0
        assert said in " ".join(done.output.split())
        assert (devices.read_bytes(), Logins.read(store.places)) == (before, logins)


def test_rotating_ends_the_old_login_at_once(store: Store, agent: Callable[..., Agent]) -> None:
    store.devices("enrol", "cart-08", "--kind", "cart", "--no-wait")
    old, device = store.word("cart-08"), agent("cart-08")
    until(lambda: device.connected)
    store.devices("rotate", "cart-08", "--no-wait")
    until(lambda: not device.connected)
    assert store.word("cart-08") != old
    comes_up(agent("cart-08"))
    assert refused(store, "cart-08", old)


def test_whoever_is_revoked_is_out_until_enrolled_again(store: Store, agent: Callable[..., Agent]) -> None:
    store.devices("enrol", "cart-09", "--kind", "cart", "--no-wait")
    old, device = store.word("cart-09"), agent("cart-09")
    until(lambda: device.connected)
    assert "shut out" in store.devices("revoke", "cart-09")
    until(lambda: not device.connected)
    assert refused(store, "cart-09", old)
    # Setting up again lets nobody in who was shut out.
    assert "kept logins" in store.run("setup").output
    assert "cart-09" not in Logins.read(store.places).known
    store.devices("enrol", "cart-09", "--no-wait")
    comes_up(agent("cart-09"))


def test_replaced_hardware_is_out_and_the_new_one_is_in(store: Store, agent: Callable[..., Agent]) -> None:
    store.devices("enrol", "cart-10", "--kind", "cart", "--no-wait")
    old = store.word("cart-10")
    assert "SK1/" in store.devices("replace", "cart-10", "--no-wait")
    assert refused(store, "cart-10", old)
    comes_up(agent("cart-10"))


def test_another_box_joins_with_a_code_and_nothing_else(store: Store, tmp_path: Path) -> None:
    """On the base installation: none of the gateway's libraries can be imported there."""
    port = free_port()
    said = store.devices("enrol", "cart-11", "cart-12", "--kind", "cart", "--port", str(port), "--no-wait")
    code = next(word for word in said.split() if word.startswith("SK1/"))
    root = tmp_path / "other"
    with _open(store, port):
        done = _join(code, root)
    assert done.returncode == 0, done.stderr
    assert "cart-11, cart-12" in done.stdout
    settings = load(root / "etc/storekeeper")
    assert [each.id for each in settings.devices] == ["cart-11", "cart-12"]
    assert settings.gateway.broker.url == f"mqtts://127.0.0.1:{store.port}"
    assert passwords(root / "var/lib/storekeeper") == {each: store.word(each) for each in ("cart-11", "cart-12")}
    with _open(store, port):
        assert "used already" in _join(code, tmp_path / "third").stderr


def _join(code: str, root: Path) -> subprocess.CompletedProcess[str]:
    barred = "; ".join(f"sys.modules[{name!r}] = None" for name in BASE_ONLY)
    program = f"import sys; {barred}; from edge.cli.app import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "join", code, "--root", str(root)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_code_is_not_used_up_on_a_box_that_cannot_take_it(store: Store, tmp_path: Path) -> None:
    port = free_port()
    said = store.devices("enrol", "cart-16", "--kind", "cart", "--port", str(port), "--no-wait")
    code = next(word for word in said.split() if word.startswith("SK1/"))
    settings = tmp_path / "etc/storekeeper"
    settings.mkdir(parents=True)
    (settings / "store.toml").write_text("[store\n")
    with _open(store, port):
        refused = CliRunner().invoke(app, ["join", code, "--root", str(tmp_path)])
        assert (refused.exit_code, "store.toml:1" in refused.output) == (1, True), refused.output
        assert isinstance(refused.exception, SystemExit)
        (settings / "store.toml").unlink()
        done = CliRunner().invoke(app, ["join", code, "--root", str(tmp_path)])
        assert done.exit_code == 0, done.output


def test_a_file_that_windows_wrote_gets_its_device(store: Store) -> None:
    path = store.places.config / "devices.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    store.devices("enrol", "cart-17", "--kind", "cart", "--no-wait")
    assert "cart-17" in {each.id for each in load(store.places.config).devices}
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "storekeeper-gateway" in wanted(store.places)


def test_a_device_of_another_box_runs_over_tls(store: Store, tmp_path: Path) -> None:
    """`devices run` there, with nothing but what `join` wrote; the doctor of this box sees it speak."""
    path = tmp_path / "box.json"
    config = store.places.config / "devices.toml"
    store.devices("enrol", "cart-21", "--kind", "cart", "--no-wait")
    before = config.read_text("utf-8")
    config.write_text(before.replace('id = "cart-21"\n', 'id = "cart-21"\ndriver = "locks.simulated_cart"\n'), "utf-8")
    store.devices("enrol", "cart-21", "--bundle", str(path))
    assert path.stat().st_mode & 0o077 == 0
    other = tmp_path / "other"
    assert CliRunner().invoke(app, ["join", str(path), "--root", str(other)]).exit_code == 0
    running = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "devices", "run", "--config", str(other / "etc/storekeeper")],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert running.stderr is not None
    try:
        for line in running.stderr:
            if "connected to 127.0.0.1" in line:
                break
        else:
            pytest.fail("it ended before it was connected")
    finally:
        running.terminate()
        running.communicate(timeout=60)


def test_enrol_waits_until_its_own_code_is_used(store: Store, tmp_path: Path) -> None:
    port = free_port()
    waits = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "devices", "enrol", "cart-22", "--kind", "cart", "--port", str(port),
         "--root", str(store.places.root)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert waits.stdout is not None
    line = next(line for line in waits.stdout if "SK1/" in line)
    assert next(line for line in waits.stdout if "Waiting" in line)
    assert _join(line.split()[-1], tmp_path / "other").returncode == 0
    assert "Fetched" in waits.communicate(timeout=60)[0]
    assert waits.returncode == 0


def test_what_is_on_its_way_still_counts(store: Store) -> None:
    """Whoever waits until a code is used would end while its answer is being sent, and that box would go without."""
    store.devices("enrol", "cart-24", "--kind", "cart", "--no-wait")
    code = _code(store, "cart-24", port := free_port())
    told: list[tuple[int, bool]] = []

    def answer(status: HTTPStatus, body: bytes) -> None:
        asks = threading.Thread(target=lambda: told.append((desk.left(code.name), desk.fetched.is_set())))
        asks.start()
        asks.join(0.3)
        assert not told
        assert (status, len(body) > 0) == (HTTPStatus.OK, True)
        asking.append(asks)

    asking: list[threading.Thread] = []
    desk = EnrolmentServer(store.places, port)
    try:
        assert desk.left(code.name) == 1
        desk.hand(code.token, answer)
    finally:
        desk.server_close()
    asking[0].join(60)
    assert told == [(0, True)]


def test_renewing_shows_everybody_the_new_certificate_and_disconnects_nobody(
    store: Store, agent: Callable[..., Agent]
) -> None:
    store.devices("enrol", "cart-16", "--kind", "cart", "--no-wait")
    device = agent("cart-16")
    comes_up(device)
    boot = device.connected
    assert store.run("certificates", "renew").output.strip() == "Not due."
    before = _shown(store)
    done = store.run("certificates", "renew", "--now")
    assert done.exit_code == 0, done.output
    until(lambda: _shown(store) != before)
    assert device.connected is boot
    assert "Not due" in store.run("certificates", "show").output
    comes_up(agent("cart-16"))


def _shown(store: Store) -> bytes:
    """The certificate that the broker shows to whoever comes now."""
    with (
        socket.create_connection(("127.0.0.1", store.port), 60) as line,
        pinning.context(str(store.places.ca)).wrap_socket(line, server_hostname="127.0.0.1") as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def test_the_reference_firmware_speaks_tls(store: Store, tmp_path: Path) -> None:
    """As a program of its own, as on a board; only that an ESP32 runs it is not shown here."""
    store.devices("enrol", "cart-17", "--kind", "cart", "--no-wait")
    assert store.run("certificates", "firmware", "--out", str(tmp_path / "ca.der")).exit_code == 0
    given = ["--host", "127.0.0.1", "--port", str(store.port), "--store", "s001", "--device", "cart-17"]
    given += ["--password", store.word("cart-17"), "--folder", str(tmp_path), "--authority", str(tmp_path / "ca.der")]
    watcher = store.link("gateway", store.word("gateway"))
    board = subprocess.Popen([sys.executable, "-m", "device_drivers.firmware.cart_lock", *given])
    try:
        assert says_online(watcher, "cart-17")
    finally:
        board.terminate()
        board.wait(60)


def says_online(link: Link, device: str) -> bool:
    """Whether the broker gets to hear that the device is there."""
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, "gateway", protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set("gateway", link.password)
    client.tls_set_context(pinning.context(link.authority))
    client.on_connect = lambda *_: client.subscribe(f"sk/s001/{device}/status", 1)
    client.on_message = lambda _, __, message: heard.put(message.payload)
    client.connect(link.host, link.port)
    client.loop_start()
    try:
        return b'"online": true' in heard.get(timeout=60)
    finally:
        client.disconnect()
        client.loop_stop()


def test_nobody_in_between_learns_the_token(store: Store, tmp_path: Path) -> None:
    """Somebody who answers in the store's place, with an authority of the same name."""
    store.devices("enrol", "cart-13", "--kind", "cart", "--no-wait")
    impostor = Store(tmp_path / "impostor")
    answers = Answers(name={"en": "X"}, address="http://127.0.0.1:8080")
    for step in Setup(answers, impostor.places, datetime.now(UTC)).steps():
        step.act()
    port = free_port()
    code = _code(store, "cart-13", port)
    with _open(impostor, port), pytest.raises(joining.NotJoined, match="another one"):
        joining.fetch(code)
    # One who shows the right authority, as everybody can, but has no certificate of it.
    shutil.copyfile(store.places.ca, impostor.places.ca)
    with _open(impostor, port), pytest.raises(joining.NotJoined, match="not the store's own box"):
        joining.fetch(code)
    assert waiting.count(store.places.waiting, datetime.now(UTC)) >= 1, "the code is unused"
    with _open(store, port):
        assert joining.fetch(code).logins == {"cart-13": store.word("cart-13")}


def test_a_code_is_over_after_a_day_and_after_the_next_one(store: Store) -> None:
    store.devices("enrol", "cart-14", "--kind", "cart", "--no-wait")
    port = free_port()
    first = _code(store, "cart-14", port)
    second = _code(store, "cart-14", port)
    tomorrow = datetime.now(UTC) + timedelta(hours=25)
    assert waiting.fetch(store.places.waiting, first.token, datetime.now(UTC)) is None
    assert waiting.fetch(store.places.waiting, second.token, tomorrow) is None


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + "7", lambda text: text.replace(":", ";"), lambda _: "hello"]
)
def test_a_typing_mistake_is_said(change: Callable[[str], str], tmp_path: Path) -> None:
    code = str(JoinCode("192.168.1.10", 8884, bytes(20), bytes(range(16))))
    assert str(read(f" {code.lower()[:20]}\n{code[20:]}")) == code
    with pytest.raises(BadCode):
        read(change(code))
    done = CliRunner().invoke(app, ["join", change(code), "--root", str(tmp_path)])
    assert (done.exit_code, "Traceback" in done.output) == (1, False)


def test_a_stores_own_box_joins_no_other(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "box.json"
    store.devices("enrol", "cart-15", "--kind", "cart", "--bundle", str(path))
    with pytest.raises(bundle.BadBundle, match="a store's own"):
        bundle.take(bundle.read(path.read_bytes()), store.places)


@pytest.mark.parametrize(("file", "said"), [("fifo", "a folder or a device"), ("", "a folder or a"), ("a/b", "none")])
def test_a_bundle_takes_the_place_of_a_file_alone(store: Store, tmp_path: Path, file: str, said: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    done = store.run("devices", "enrol", "cart-31", "--kind", "cart", "--bundle", str(tmp_path / file))
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)
    assert "cart-31" not in {each.id for each in load(store.places.config).devices}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("enrol", "cart-99"), "--kind"),
        (("enrol", "Cart 99", "--kind", "cart"), "small letters"),
        (("enrol", "cart-98", "--kind", "cart", "--zone", "entrace"), 'did you mean "entrance"'),
        (("revoke", "cart-99"), "has a login"),
        (("revoke", "gateway"), "rotate it instead"),
        (("replace", "cart-99"), "devices.toml"),
    ],
)
def test_what_cannot_be_is_one_sentence(store: Store, words: tuple[str, ...], said: str) -> None:
    done = store.run("devices", *words)
    assert done.exit_code in (1, 2)
    assert said in done.output
    assert "Traceback" not in done.output


def test_where_no_store_is_it_says_so(tmp_path: Path) -> None:
    done = Store(tmp_path).run("devices", "revoke", "cart-01")
    assert (done.exit_code, "storekeeper setup makes one" in done.output) == (1, True)


def _code(store: Store, device: str, port: int) -> JoinCode:
    from operations.enrolment.enrol import Enrolment

    office = Enrolment(store.places)
    return office.code(office.bundle([device], "127.0.0.1"), "127.0.0.1", port, datetime.now(UTC))


class _open:  # noqa: N801 - read as a verb
    def __init__(self, store: Store, port: int) -> None:
        self._desk = EnrolmentServer(store.places, port)

    def __enter__(self) -> None:
        threading.Thread(target=self._desk.serve_forever, args=(0.02,), daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._desk.shutdown()
        self._desk.server_close()


def refused(store: Store, device: str, password: str) -> bool:
    """Whether the broker lets nobody in with that."""
    where = store.link(device, password).broker
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looking, "LOGIN", device)
        patch.setattr(looking, "PATIENCE", 60.0)
        return probe(where, "s001", password).refused is not None


def comes_up(device: Agent) -> None:
    until(lambda: device.connected)


def until(true: Callable[[], bool], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
