"""This version tried where nothing depends on it: a store of its own on a copy of the journal, and one cart unlocked.

It has a broker, a port and a data folder of its own, so it tells no device, no printer and no cloud anything. What it
has in common with the real store: its code, its settings, and every fact of the journal.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import phonenumbers
import tomlkit

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.locks.simulated_cart import Driver
from device_drivers.locks.simulated_cart import Settings as CartSettings
from edge.bootstrap.journal import rebuild_tables
from edge.bus import brokers
from edge.cli.demo.phone import Phone
from edge.cli.demo.shoppers import Storefront
from edge.journal import chain, prepared
from edge.journal.transaction import open_readonly
from edge.secrets import private
from edge.settings import file_sets
from edge.settings.settings import Settings, load
from operations.updates.snapshot import unlocked
from operations.updates.trial import UpdateError

CART: Final = "update-rehearsal"
PATIENCE_S: Final = 120.0
"""How long this version may take to open: it may make its tables anew from every fact."""


def rehearse(config: Path, journal: Path, tables: Path | None = None) -> None:
    """Leaves this version's tables of that journal at `tables`. Raises `UpdateError` with what did not work."""
    settings = load(config)
    _look_at(journal)
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=journal.parent) as name:
        folder = Path(name)
        place = _Place(folder, config, settings, journal)
        if tables is not None:
            rebuild_tables(load(place.config))
            prepared.extract(place.data / "storekeeper.db", tables)
        with _broker(place), _gateway(place), _cart(place):
            _unlock(place)


def _look_at(journal: Path) -> None:
    """A gateway that is given a damaged journal never becomes ready. Raises `UpdateError`."""
    try:
        with closing(open_readonly(journal)) as connection:
            chain.last(connection)
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise UpdateError(f"{journal}: expected a copy of a whole journal, such as storekeeper.db; found: {found}")


class _Place:
    """Settings and data of the store that is tried."""

    def __init__(self, folder: Path, config: Path, settings: Settings, journal: Path) -> None:
        self.folder, self.data, self.config = folder, folder / "data", folder / "config"
        self.store = settings.store.id
        self.http, self.broker = _free_port(), _free_port()
        private.make_private(self.data)
        shutil.copyfile(journal, self.data / "storekeeper.db")
        file_sets.write(self.config, file_sets.read(config))
        (self.config / "gateway.toml").write_text(self._gateway_toml(), encoding="utf-8")
        with (self.config / "devices.toml").open("a", encoding="utf-8") as devices:
            devices.write(_cart_toml(settings))

    def _gateway_toml(self) -> str:
        return tomlkit.dumps(
            {
                "data": str(self.data),
                "public_url": f"http://127.0.0.1:{self.http}",
                "http": {"host": "127.0.0.1", "port": self.http},
                "broker": {"kind": "external", "url": f"mqtt://127.0.0.1:{self.broker}"},
            }
        )


def _cart_toml(settings: Settings) -> str:
    cart = {
        "id": CART,
        "kind": "cart",
        "driver": "locks.simulated_cart",
        "zone": settings.zones[0].zone,
        "label": dict.fromkeys(settings.store.languages, "Rehearsal"),
        "at": [0, 0],
    }
    return f"\n{tomlkit.dumps({'devices': [cart]})}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _broker(place: _Place) -> Iterator[None]:
    """Mosquitto, which a store has; the embedded one where it is not installed."""
    folder = place.folder / "broker"
    made = brokers.mosquitto(place.broker, folder, None)
    try:
        made.start()
    except brokers.BrokerError:
        made = brokers.embedded(place.broker, folder)
        try:
            made.start()
        except brokers.BrokerError as error:
            raise UpdateError(f"no broker to try it with: {error}") from None
    try:
        yield
    finally:
        made.stop()


@contextmanager
def _gateway(place: _Place) -> Iterator[None]:
    words = [sys.executable, "-m", "edge.cli", "run", "--config", str(place.config), "--new-key"]
    log = place.folder / "gateway.log"
    with log.open("wb") as output:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("STOREKEEPER_", "NOTIFY"))
        }
        environment.pop("CREDENTIALS_DIRECTORY", None)
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
    try:
        _wait_until_ready(place, process, log)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _wait_until_ready(place: _Place, process: subprocess.Popen[bytes], log: Path) -> None:
    phone, deadline = Phone(place.http, "en"), time.monotonic() + PATIENCE_S
    while phone.open("/readyz") != "":
        if process.poll() is not None:
            raise UpdateError(f"it does not start: {_end_of(log)}")
        if time.monotonic() > deadline:
            raise UpdateError(f"it was not ready within {PATIENCE_S:.0f} s: {_end_of(log)}")
        time.sleep(0.1)


def _end_of(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return " / ".join(line.strip() for line in lines[-2:])[-240:] or "it said nothing"


@contextmanager
def _cart(place: _Place) -> Iterator[None]:
    folder = place.folder / "cart"
    folder.mkdir()
    link = Link("127.0.0.1", place.broker, place.store, CART)
    agent = Agent(CART, Driver(CartSettings(pull_out_s=0), folder), link, folder, backoff=Backoff(0.05, 0.5))
    agent.start()
    try:
        yield
    finally:
        agent.stop()


def _unlock(place: _Place) -> None:
    """As a shopper does: scan the cart, register, tap."""
    settings = load(place.config)
    store = Storefront(settings, place.data / "secrets" / "store.key")
    cart = next(each for each in settings.touchpoints if each.touchpoint == CART)
    code, phone = store.code(cart), Phone(place.http, settings.store.languages[0])
    body = {
        "code": code,
        "phone": _number(settings.store.region),
        "consents": {"service": True},
        "request": str(uuid.uuid4()),
    }
    _must("look at the cart", phone.open(f"/t/{code}"))
    _must("register", phone.post("/api/v1/members", body))
    _must("unlock", phone.post("/api/v1/carts/unlock", {"code": code, "request": str(uuid.uuid4())}))
    deadline = time.monotonic() + settings.gateway.unlock_ttl_ms / 1000 + 5
    while not unlocked(place.data / "storekeeper.db", CART):
        if time.monotonic() > deadline:
            raise UpdateError("the simulated cart was not unlocked")
        time.sleep(0.1)


def _must(what: str, refusal: str) -> None:
    if refusal:
        raise UpdateError(f"a shopper could not {what}: {refusal}")


def _number(region: str) -> str:
    """A mobile number that the region's plan has for examples."""
    found = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if found is None:
        raise UpdateError(f"no mobile number of {region} is known to try it with")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
