"""What `storekeeper doctor` looks at: each check says in plain words what it found, and what to do about it."""

from __future__ import annotations

import enum
import importlib.util
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from device_drivers import extensions
from device_drivers.broker import BrokerAddress, PasswordInClear
from edge.bus.probe import LOGIN, Probe, probe
from edge.cli.demo import window
from edge.cli.demo.supervisor import answers
from edge.cli.device_check import check_devices
from edge.journal import Reader
from edge.journal.queries import unknown
from edge.journal.schema import FORM
from edge.secrets import operators, private, staff_pins, store_key
from edge.secrets.credentials import passwords
from edge.settings.addresses import remark
from edge.settings.mistakes import without_login
from edge.settings.settings import Settings, SettingsError, load

LITTLE_SPACE, NO_SPACE = 2 * 1024**3, 200 * 1024**2
"""Bytes: below the first a note, below the second the journal may stop soon."""
WAL_RESET_FIXED = (3, 51, 3)
SLOW_ROUND_TRIP = 0.02
"""Seconds. With TCP_NODELAY a round trip on one machine takes under 1 ms; without it, 40 ms."""
FIRST_RELEASE = datetime(2025, 1, 1, tzinfo=UTC)


class Health(enum.IntEnum):
    """How good a finding is."""

    WELL = 0
    NOTE = 1
    ILL = 2


class Finding(msgspec.Struct, frozen=True):
    """One sentence about this box."""

    health: Health
    text: str


Check = Callable[[Settings], Iterator[Finding]]


def examine(config: Path, data: Path | None) -> Iterator[Finding]:
    """Every finding, as it is made; the settings first, as the others need them."""
    yield from python()
    yield from sqlite()
    try:
        settings = load(config)
    except SettingsError as error:
        yield Finding(Health.ILL, str(error))
        return
    if data is not None:
        settings = settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": data})})
    yield Finding(Health.WELL, f"settings: {config}, store {settings.store.id}, {len(settings.devices)} devices")
    yield from devices(config, settings)
    checks: tuple[Check, ...] = (outside, folder, journal, secrets, clock, broker, page, address, kiosk, cloud)
    for check in checks:
        yield from check(settings)


def devices(config: Path, settings: Settings) -> Iterator[Finding]:
    """Whether each device's settings are what its driver takes."""
    found = check_devices(config, settings)
    yield from (Finding(Health.NOTE, note) for note in found.notes)
    yield from (Finding(Health.ILL, str(mistake)) for mistake in found.mistakes)
    if not found.mistakes:
        yield Finding(Health.WELL, "devices: every driver takes its device's settings")


def python() -> Iterator[Finding]:
    """The version, against those that the package is built for."""
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Finding(Health.WELL, f"Python {version}")
    else:
        yield Finding(Health.ILL, f"Python {version}: expected 3.11, 3.12 or 3.13")


def sqlite() -> Iterator[Finding]:
    """The library that this Python is linked to."""
    if sqlite3.sqlite_version_info >= WAL_RESET_FIXED:
        yield Finding(Health.WELL, f"SQLite {sqlite3.sqlite_version}")
        return
    yield Finding(
        Health.NOTE,
        f"SQLite {sqlite3.sqlite_version}: before 3.51.3 two connections that write and checkpoint at once can damage "
        "a WAL file. Storekeeper writes and checkpoints from one connection; do not open the journal for writing with "
        "another program",
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


def secrets(settings: Settings) -> Iterator[Finding]:
    """Whether anybody else on this box may read them."""
    data = settings.gateway.data
    found = list(private.open_to_others(data)) if data.exists() else []
    for path, mode in found:
        if path.is_relative_to(data / "secrets"):
            yield Finding(Health.ILL, f"secrets: others may read {path}: chmod {mode & ~private.OTHERS:o} {path}")
    others = [path for path, _ in found if not path.is_relative_to(data / "secrets")]
    if others:
        said = f"data folder: others may read {len(others)} files and folders, such as {others[-1]}"
        yield Finding(Health.NOTE, f"{said}; every service mends that when it starts")
    yield from _key(data)
    yield from _team(data)


def _team(data: Path) -> Iterator[Finding]:
    """Whose PIN was set by earlier rules, and files of people that cannot be read."""
    for path, people in ((data / "secrets" / "staff.toml", staff_pins.read), (operators.file_of(data), operators.read)):
        try:
            entries = people(path)
        except (ValueError, OSError) as error:
            yield Finding(Health.ILL, f"{path.name}: nobody in it can log in: {str(error).splitlines()[0][:80]}")
            continue
        old = [name for name, each in entries.items() if getattr(each, "rules", staff_pins.RULES) < staff_pins.RULES]
        if old:
            said = f"PINs: {', '.join(old)} may have one of four digits"
            yield Finding(Health.NOTE, f"{said}; give new ones with `storekeeper staff add`")


def _key(data: Path) -> Iterator[Finding]:
    path = store_key.path_of(data)
    try:
        state = store_key.look(path)
    except store_key.KeyLost as error:
        yield Finding(Health.ILL, f"key: {error}")
        return
    if state.sentence:
        yield Finding(Health.ILL, f"key: {state.sentence}")
    elif state.state == "fresh":
        yield Finding(Health.NOTE, "key: none yet; the gateway makes it when it first starts")
    else:
        yield Finding(Health.WELL, f"key: {path} is the one that the journal knows. Keep a copy of it off this box")


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the wall clock can be right. Expiry does not depend on it, but coupons that end and receipts do."""
    now = datetime.now(UTC)
    if now < FIRST_RELEASE:
        yield Finding(Health.ILL, f"clock: it says {now:%Y-%m-%d %H:%M} UTC, which is past; set it, or wait for NTP")
    else:
        own = now.astimezone(settings.store.zone)
        yield Finding(Health.WELL, f"clock: {now:%Y-%m-%d %H:%M} UTC, in the store {own:%Y-%m-%d %H:%M} ({own.tzinfo})")


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
        found = probe(address, settings.store.id, passwords(settings.gateway.data).get(LOGIN))
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
    if importlib.util.find_spec("requests") is None:
        yield Finding(Health.NOTE, 'sync: not installed on this box: pip install "storekeeper[sync]"')


def address(settings: Settings) -> Iterator[Finding]:
    """What printed codes lead to."""
    public = settings.gateway.public_url
    if public is None:
        yield Finding(Health.NOTE, "public_url: not set; set it in gateway.toml before printing codes")
    elif doubt := remark(public):
        yield Finding(Health.NOTE, f"public_url: {doubt}")
    else:
        yield Finding(Health.WELL, f"public_url: codes lead to {public}")


def _listens(url: str, port: int) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=2):
            return True
    except OSError:
        return False


def _is_gateway(port: int) -> bool:
    return answers(port, "/healthz")
