"""What a demo needs before its first process starts: a lock on its data, secrets, ports, and settings that say demo."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO, Literal

import msgspec
import tomlkit

from edge.cli.demo.ports import Ports, choose
from edge.errors import StorekeeperError
from edge.secrets import cloud_access, credentials, store_key
from edge.secrets.private import write_private
from edge.settings import file_sets
from edge.settings.bounds import wide
from edge.settings.media_files import FOLDER as MEDIA
from edge.settings.own_address import own_address
from edge.settings.settings import Settings, load

Broker = Literal["embedded", "mosquitto", "external"]
GATEWAY_LOGIN = "gateway"
DOCTOR_LOGIN = "doctor"


class AlreadyRunning(StorekeeperError):
    """Another demo works on this data."""


class DemoOptions(msgspec.Struct, frozen=True):
    """What was asked for on the command line, where it differs from the settings."""

    port: int | None = None
    broker: Broker | None = None
    phones: bool = False
    """Whether phones in the same network may come: listen on all addresses, and write this machine's into the codes."""
    kiosk: bool = True
    shoppers: int = 0
    seed: int | None = None
    new_key: bool = False
    """Whether the demo goes on although the store's key is lost."""


class DemoFolder(msgspec.Struct, frozen=True):
    """A data folder made ready. `config` holds the settings that every process of the demo reads."""

    data: Path
    config: Path
    ports: Ports
    broker: Broker
    url: str
    """The one address to open."""

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def cut(self) -> Path:
        """The internet is cut while this file exists."""
        return self.data / "internet-cut"


def take(data: Path) -> IO[str]:
    """Own `data` until the returned file is closed or this process ends. Raises `AlreadyRunning`."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (data / "demo.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        who = lock.read().strip() or "no more is known"
        lock.close()
        raise AlreadyRunning(
            f"A demo is already running on {data}: {who}.\n"
            "Stop it there with Ctrl-C, or start this one with another --data."
        ) from None
    return lock


def sign(lock: IO[str], url: str) -> None:
    """Leave word for a second demo who has the data."""
    lock.truncate(0)
    lock.write(f"{url}, process {os.getpid()}\n")
    lock.flush()


def make_ready(config: Path, settings: Settings, wishes: DemoOptions) -> DemoFolder:
    """Secrets, ports and settings in the data folder of `settings`. What is there already is kept.

    Raises `edge.secrets.store_key.KeyLost`.
    """
    data = settings.gateway.data
    store_key.of_store(store_key.path_of(data))
    credentials.prepare(data, [GATEWAY_LOGIN, DOCTOR_LOGIN, *(device.id for device in settings.devices)])
    cloud_access.admit(data, settings.store.id, credentials.token_of(data))
    host = settings.gateway.http.host if wishes.phones else "127.0.0.1"
    ports = choose(data / "demo.json", wishes.port, host)
    broker: Broker = wishes.broker or settings.gateway.broker.kind
    reachable = own_address("localhost") if wishes.phones else "localhost"
    url = f"http://{reachable}:{ports.http}"
    place = DemoFolder(data=data, config=data / "config", ports=ports, broker=broker, url=url)
    place.logs.mkdir(exist_ok=True)
    _write_settings(config, settings, place, host)
    if wishes.shoppers:
        _widen(place.config / "store.toml")
    return place


def _widen(store: Path) -> None:
    """Simulated shoppers hurry, and all have one address: they are not what bounds are for."""
    if "[bounds" not in (text := store.read_text("utf-8")):
        store.write_text(text + wide(), "utf-8")


def _write_settings(config: Path, settings: Settings, place: DemoFolder, host: str) -> None:
    """The store and its devices as they are; of the gateway's settings, what a demo decides for itself."""
    place.config.mkdir(exist_ok=True)
    theirs = file_sets.read(config)
    file_sets.write(place.config, {name: content for name, content in theirs.items() if name != "gateway.toml"})
    if (config / MEDIA).is_dir():
        shutil.copytree(config / MEDIA, place.config / MEDIA, dirs_exist_ok=True)
    gateway = settings.gateway
    embedded = place.broker != "external"
    broker_url = f"mqtt://127.0.0.1:{place.ports.broker}" if embedded else gateway.broker.url
    password = credentials.passwords(place.data)[GATEWAY_LOGIN] if embedded else gateway.broker.password
    username = GATEWAY_LOGIN if embedded else gateway.broker.username
    written = {
        "data": str(place.data.resolve()),
        "public_url": gateway.public_url or place.url,
        "unlock_ttl_ms": gateway.unlock_ttl_ms,
        "demo": True,
        "http": {
            "host": host,
            "port": place.ports.http,
            "hosts": list(gateway.http.hosts),
            "trusted_proxies": [str(network) for network in gateway.http.trusted_proxies],
        },
        "broker": {"kind": place.broker, "url": broker_url, "username": username}
        | ({"password": password} if password else {}),
        "cloud": {
            "url": f"http://127.0.0.1:{place.ports.internet}",
            "token": credentials.token_of(place.data) or "",
        },
    }
    head = "# Written by `storekeeper demo` at each start: change the gateway.toml of your own settings instead.\n"
    write_private(place.config / "gateway.toml", (head + tomlkit.dumps(written)).encode())
    load(place.config)
