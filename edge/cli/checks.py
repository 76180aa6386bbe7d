"""What `storekeeper doctor` looks at: each check says in plain words what it found, and what to do about it."""

from __future__ import annotations

import http.client
import importlib.util
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from device_drivers import extensions
from device_drivers.broker import BrokerAddress, PasswordInClear
from edge.bus.probe import LOGIN, Probe, probe
from edge.cli.demo import window
from edge.cli.device_check import check_devices
from edge.cli.io_errors import of_database, of_file
from edge.journal import Reader
from edge.journal.queries import last_sequence, recorded_ms, unknown
from edge.journal.schema import FORM
from edge.secrets.credentials import passwords
from edge.secrets.tables import DamagedSecret
from edge.settings.addresses import remark
from edge.settings.expectations import without_login
from edge.settings.last_good import LastGood, data_of
from edge.settings.settings import Settings, SettingsError, load
from operations.diagnosis import expiry, installed, on_the_bus, room, secret_files, standing, synchronised, uplink
from operations.diagnosis.findings import Finding, Health

__all__ = ["Finding", "Health", "Role", "examine"]

Role = Literal["store", "devices"]
"""What a box is for: a whole store, or devices of a store whose gateway is another box."""
LITTLE_SPACE, NO_SPACE = 2 * 1024**3, 200 * 1024**2
"""Bytes: below the first a note, below the second the journal may stop soon."""
WAL_RESET_FIXED = (3, 51, 3)
SLOW_ROUND_TRIP = 0.02
"""Seconds. With TCP_NODELAY a round trip on one machine takes under 1 ms; without it, 40 ms."""
Check = Callable[[Settings], Iterator[Finding]]


def examine(config: Path, data: Path | None, role: Role = "store") -> Iterator[Finding]:
    """Every finding, as it is made; the settings first, as the others need them."""
    yield from python()
    yield from sqlite()
    yield from installed.parts(("gateway",) if role == "store" else ())
    try:
        settings = load(config)
    except SettingsError as error:
        yield Finding(Health.ILL, str(error), "settings")
        good = LastGood(data_of(config, data), "gateway").folder
        if good.is_dir():
            said = f"settings: a gateway that starts now goes on with the last good ones, in {good}"
            yield Finding(Health.NOTE, said, "settings")
        return
    if data is not None:
        settings = settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": data})})
    said = f"settings: {config}, store {settings.store.id}, {len(settings.devices)} devices"
    yield Finding(Health.WELL, said, "settings")
    yield from secret_files.settings(config)
    yield from devices(config, settings)
    for part, check in CHECKS.items():
        if role == "store" or part not in OF_A_STORE:
            for finding in _whole(part, check(settings)):
                yield finding if finding.part else msgspec.structs.replace(finding, part=part)
    yield from _certificates(config, settings)


def _whole(part: str, found: Iterator[Finding]) -> Iterator[Finding]:
    """What a check finds; a file that it may not use is one more finding, and no end of the others' checks."""
    try:
        yield from found
    except OSError as error:
        yield Finding(Health.ILL, f"{part}: {of_file(error)}")


def devices(config: Path, settings: Settings) -> Iterator[Finding]:
    """Whether each device's settings are what its driver takes."""
    found = check_devices(config, settings)
    yield from (Finding(Health.NOTE, note, "device_settings") for note in found.notes)
    yield from (Finding(Health.ILL, str(mistake), "device_settings") for mistake in found.mistakes)
    if not found.mistakes:
        yield Finding(Health.WELL, "devices: every driver takes its device's settings", "device_settings")


def python() -> Iterator[Finding]:
    """The version, against those that the package is built for."""
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Finding(Health.WELL, f"Python {version}", "python")
    else:
        yield Finding(Health.ILL, f"Python {version}: expected 3.11, 3.12 or 3.13", "python")


def sqlite() -> Iterator[Finding]:
    """The library that this Python is linked to."""
    if sqlite3.sqlite_version_info >= WAL_RESET_FIXED:
        yield Finding(Health.WELL, f"SQLite {sqlite3.sqlite_version}", "sqlite")
        return
    yield Finding(
        Health.NOTE,
        f"SQLite {sqlite3.sqlite_version}: before 3.51.3 two connections that write and checkpoint at once can damage "
        "a WAL file. Storekeeper writes and checkpoints from one connection; do not open the journal for writing with "
        "another program",
        "sqlite",
    )


def outside(settings: Settings) -> Iterator[Finding]:
    """Whether each extension that the settings name can be used on this box."""
    named = settings.extensions
    broken: dict[str, str] = {}
    if named.nouns:
        from edge.bootstrap.nouns import nouns_of

        broken |= nouns_of(settings).broken
    for group, names in ((extensions.DRIVERS, named.drivers), (extensions.SCREENS, named.screens)):
        for name in names:
            try:
                extensions.load(group, name)
            except extensions.BrokenExtension as error:
                broken[name] = str(error)
    for name in (*named.nouns, *named.drivers, *named.screens):
        if name in broken:
            yield Finding(Health.NOTE, f"extension {name} is left out: {broken[name]}")
        else:
            yield Finding(Health.WELL, f"extension {name}")


def folder(settings: Settings) -> Iterator[Finding]:
    """Whether the data folder can be written, and what space it has."""
    data = settings.gateway.data
    existing = next(parent for parent in (data.absolute(), *data.absolute().parents) if parent.exists())
    if not existing.is_dir():
        yield Finding(Health.ILL, f"data folder: {existing} is a file, expected a folder")
        return
    if not os.access(existing, os.W_OK):
        yield Finding(Health.ILL, f"data folder: {existing} cannot be written by user {os.getuid()}")
        return
    free = shutil.disk_usage(existing).free
    said = f"data folder: {data}, {free / 1e9:.1f} GB free"
    if free < NO_SPACE:
        yield Finding(Health.ILL, f"{said}: the journal stops when it is full; make space")
    elif free < LITTLE_SPACE:
        yield Finding(Health.NOTE, f"{said}: enough for days, not for a year")
    else:
        yield Finding(Health.WELL, said)


def journal(settings: Settings) -> Iterator[Finding]:
    """Whether it holds what only a later version understands."""
    path = settings.gateway.data / "storekeeper.db"
    if not path.exists():
        return
    try:
        reader = Reader(path)
    except sqlite3.OperationalError as error:
        yield Finding(Health.ILL, f"journal: {of_database(error)}")
        return
    try:
        found = unknown(reader)
        reader.close()
    except sqlite3.OperationalError:
        return  # of a version that did not say; the gateway sees to it when it starts
    except sqlite3.DatabaseError as error:
        yield Finding(Health.ILL, f"journal: {path} cannot be read: {error}; restore it from a backup")
        return
    if found.form > FORM:
        yield Finding(Health.ILL, f"journal: a later version changed the form of {path}; install that version")
    elif found.facts:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.facts.items())
        yield Finding(
            Health.NOTE,
            f"journal: a later version recorded {kinds}; they are kept, and what they name ({found.held}) is on hold"
            " until that version is back",
        )
    else:
        yield Finding(Health.WELL, "journal: this version understands every fact in it")


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the time is right, and who keeps it. Expiry does not depend on it, but coupons and receipts do."""
    own = uplink.report(settings.gateway.data)
    ahead = own.ahead_s() if own else None
    if ahead is None and _listens(url := settings.gateway.cloud.url, 443 if url.startswith("https") else 80):
        ahead = synchronised.told_by(url)
    newest = None
    with _reads(settings) as reads:
        newest = recorded_ms(reads, last_sequence(reads)) if reads else None
    yield from synchronised.clock(newest, ahead)


@contextmanager
def _reads(settings: Settings) -> Iterator[Reader | None]:
    """The journal's tables, where they can be read."""
    path = settings.gateway.data / "storekeeper.db"
    try:
        reader = Reader(path) if path.exists() else None
    except sqlite3.Error:  # `journal` says why
        reader = None
    try:
        yield reader
    except sqlite3.Error:
        return
    finally:
        if reader is not None:
            reader.close()


def disk(settings: Settings) -> Iterator[Finding]:
    """For how many days the disk lasts."""
    if settings.gateway.data.is_dir():
        with _reads(settings) as reads:
            yield from room.disk(settings.gateway.data, reads)


def connected(settings: Settings) -> Iterator[Finding]:
    """Which devices are connected, as far as a gateway knows now."""
    if not _is_gateway(settings.gateway.http.port):
        return
    with _reads(settings) as reads:
        if reads is not None:
            yield from on_the_bus.devices(reads)


def rights(settings: Settings) -> Iterator[Finding]:
    """What a foreign device could do at the broker."""
    from edge.bus.rights import rights as tried_at

    where = BrokerAddress.parse(settings.gateway.broker.url, settings.gateway.broker.authority)
    if not _listens(settings.gateway.broker.url, where.port):
        return  # `broker` says so
    password = _password(settings)
    with suppress(OSError):
        tried = tried_at(where, settings.store.id, password)
        yield from on_the_bus.broker_rights(where, tried, loopback=where.is_here)


def sync(settings: Settings) -> Iterator[Finding]:
    """How far the cloud is."""
    yield from uplink.sync(settings.gateway.data)
    if installed.missing("sync"):
        yield Finding(Health.NOTE, 'sync: not installed on this box: pip install "storekeeper[sync]"')


def backup(settings: Settings) -> Iterator[Finding]:
    """When the last backup was made."""
    with _reads(settings) as reads:
        if reads is not None or not (settings.gateway.data / "storekeeper.db").exists():
            yield from standing.backup(reads)


def _certificates(config: Path, settings: Settings) -> Iterator[Finding]:
    if importlib.util.find_spec("cryptography") is None:
        return
    yield from expiry.expiries(expiry.certificates(expiry.places(config, settings.gateway.data)))


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether it answers, which one it is, and how fast a message comes back."""
    url = settings.gateway.broker.url
    if not _listens(url, 1883):
        said = f"broker: nothing answers at {url}"
        if settings.gateway.broker.kind == "external":
            yield Finding(Health.ILL, f"{said}: start it (systemctl start mosquitto), or correct broker.url")
        else:
            yield Finding(Health.NOTE, f"{said}; storekeeper demo starts its own ({settings.gateway.broker.kind})")
        return
    address = BrokerAddress.parse(url, settings.gateway.broker.authority)
    try:
        found = probe(address, settings.store.id, _password(settings))
    except (OSError, PasswordInClear) as error:
        yield Finding(Health.ILL, f"broker: {url} answers, and is not to be trusted with a password: {error}")
        return
    yield _judged(url, found)


def _judged(url: str, found: Probe) -> Finding:
    if found.refused is not None:
        return Finding(
            Health.NOTE, f"broker: {url} answers, but has no login for {LOGIN} ({found.refused}): not measured"
        )
    name = found.version or "a broker that does not say its name"
    if found.round_trip is None:
        return Finding(Health.ILL, f"broker: {url} ({name}) lets us in, but a message to ourselves does not come back")
    said = f"broker: {url} ({name}), a message takes {found.round_trip * 1000:.1f} ms there and back"
    if found.round_trip > SLOW_ROUND_TRIP:
        return Finding(Health.ILL, f"{said}: too slow; set_tcp_nodelay true is missing in mosquitto.conf")
    return Finding(Health.WELL, said)


def page(settings: Settings) -> Iterator[Finding]:
    """Whether the port of the store page is ours or free."""
    http = settings.gateway.http
    if not _listens(f"http://127.0.0.1:{http.port}", http.port):
        yield Finding(Health.WELL, f"port {http.port}: free for the gateway")
    elif _is_gateway(http.port):
        yield Finding(Health.WELL, f"port {http.port}: a gateway answers there")
    else:
        yield Finding(Health.ILL, f"port {http.port}: another program has it; stop it, or change http.port")


def kiosk(_: Settings) -> Iterator[Finding]:
    """Whether this box could show a screen."""
    lacking = window.missing()
    if lacking:
        yield Finding(Health.NOTE, f"kiosk: this box cannot draw one; missing: {', '.join(lacking)}")
    else:
        yield Finding(Health.WELL, "kiosk: Kivy and its libraries are here")


def cloud(settings: Settings) -> Iterator[Finding]:
    """Only ever a note: the store works without it."""
    url = without_login(settings.gateway.cloud.url)
    if _listens(url, 443 if url.startswith("https") else 80):
        yield Finding(Health.WELL, f"cloud: {url} answers")
    else:
        yield Finding(Health.NOTE, f"cloud: {url} does not answer; the store works, facts wait in the journal")


def address(settings: Settings) -> Iterator[Finding]:
    """What printed codes lead to."""
    public = settings.gateway.public_url
    if public is None:
        yield Finding(Health.NOTE, "public_url: not set; set it in gateway.toml before printing codes")
    elif doubt := remark(public):
        yield Finding(Health.NOTE, f"public_url: {doubt}")
    else:
        yield Finding(Health.WELL, f"public_url: codes lead to {public}")


def _password(settings: Settings) -> str | None:
    """Ours at the broker; none where the file cannot be read, which `secrets` says."""
    with suppress(DamagedSecret, OSError):
        return passwords(settings.gateway.data).get(LOGIN)
    return None


def _listens(url: str, port: int) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=2):
            return True
    except OSError:
        return False


def _is_gateway(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/healthz")
        return b'"status"' in line.getresponse().read(200)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


CHECKS: Final[dict[str, Check]] = {
    "extensions": outside,
    "data_folder": folder,
    "disk": disk,
    "journal": journal,
    "secrets": lambda settings: secret_files.secrets(settings.gateway.data),
    "clock": clock,
    "broker": broker,
    "broker_rights": rights,
    "port": page,
    "public_url": address,
    "kiosk": kiosk,
    "cloud": cloud,
    "sync": sync,
    "devices": connected,
    "backup": backup,
}
"""By part, in the order in which they are said."""
OF_A_STORE: Final = frozenset(CHECKS) - {"data_folder", "clock", "broker", "kiosk", "extensions"}
"""What a box for devices alone has not got."""
