"""Starts a broker as a process of its own: Mosquitto, which a store runs on, or the embedded one of demo and laptop.

The embedded one (rumqttd, in the `iotcore` wheel) knows no topic rights, so it listens on loopback alone and says so.
"""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import shutil
import socket
import string
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from edge.secrets import broker_passwords
from edge.settings.example import example

log = logging.getLogger(__name__)

READY_S: Final = 60.0
STOP_S: Final = 5.0
LOOPBACK: Final = "127.0.0.1"
MAX_RETAINED: Final = 100
"""Retained messages that rumqttd hands to somebody who subscribes to several filters at once, measured. A device keeps
up to three (status, state, applied)."""


class BrokerError(RuntimeError):
    """A broker that cannot be started: which, and why."""


class Broker(Protocol):
    """A broker that can be started and stopped."""

    @property
    def url(self) -> str:
        """`mqtt://host:port`."""

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""

    def prepare(self) -> list[str]:
        """Writes its configuration and returns the command line, for a supervisor that starts it itself."""

    def start(self) -> None:
        """Returns when it accepts connections. Raises `BrokerError`."""

    def stop(self) -> None:
        """Ends it; safe to call twice."""


class _Process(ABC):
    """What both have in common: a child process that accepts connections on a port."""

    name = "broker"
    tied: tuple[str, ...] = ()
    """Arguments that make it end when the pipe on its standard input closes."""

    def __init__(self, port: int, folder: Path, address: str = LOOPBACK) -> None:
        self.port = port
        self.folder = folder
        self.address = address
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        host = LOOPBACK if self.address == "0.0.0.0" else self.address  # noqa: S104 - compared, not bound
        return f"mqtt://{host}:{self.port}"

    @property
    def pid(self) -> int | None:
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    @abstractmethod
    def prepare(self) -> list[str]: ...

    def start(self) -> None:
        if self.pid is not None:
            return
        if _accepts(self.port):
            raise BrokerError(f"{self.name}: port {self.port} is in use already")
        argv = [*self.prepare(), *self.tied]
        with (self.folder / f"{self.name}.log").open("ab") as output:
            self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=output, stderr=output)
        deadline = time.monotonic() + READY_S
        while not _accepts(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise BrokerError(f"{self.name} does not accept connections on port {self.port}: {self._last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()

    def _last_words(self) -> str:
        lines = (self.folder / f"{self.name}.log").read_text(errors="replace").splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"


class Mosquitto(_Process):
    """Mosquitto with a configuration of its own. With credentials, everybody has a password and the rights of the
    contract.
    """

    name = "mosquitto"

    def __init__(
        self,
        port: int,
        folder: Path,
        credentials: Mapping[str, str] | None,
        store: str,
        address: str = LOOPBACK,
        templates: Path | None = None,
    ) -> None:
        super().__init__(port, folder, address)
        self._credentials = credentials
        self._store = store
        self._templates = (templates or example()) / "mosquitto"

    def prepare(self) -> list[str]:
        binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if binary is None:
            raise BrokerError("mosquitto is not installed: `apt install mosquitto`, or use the embedded broker")
        if self._credentials is None and self.address != LOOPBACK:
            raise BrokerError(f"mosquitto without passwords listens on {LOOPBACK} alone, not on {self.address}")
        self.folder.mkdir(parents=True, exist_ok=True)
        values = {"port": str(self.port), "address": self.address, "user": getpass.getuser(), "verbose": "false"}
        if self._credentials is None:
            values |= {"anonymous": "true", "access": "", "own_client_id": "false"}
        else:
            values |= {"anonymous": "false", "access": self._access(self._credentials), "own_client_id": "true"}
        path = self.folder / "mosquitto.conf"
        _write_private(path, filled(self._templates / "mosquitto.conf", values))
        return [binary, "-c", str(path)]

    def _access(self, credentials: Mapping[str, str]) -> str:
        passwords, acl = self.folder / "passwords", self.folder / "acl"
        _write_private(passwords, broker_passwords.text(credentials))
        _write_private(acl, filled(self._templates / "acl", {"store": self._store}))
        return f"password_file {passwords}\nacl_file {acl}"


class Embedded(_Process):
    """rumqttd in a child process that ends with us, however we end."""

    name = "rumqttd"
    tied = ("--tied",)

    def __init__(self, port: int, folder: Path, templates: Path | None = None) -> None:
        super().__init__(port, folder)
        self._templates = (templates or example()) / "rumqttd"

    def prepare(self) -> list[str]:
        log.warning("the embedded broker knows no topic rights: it listens on %s alone, for demo and laptop", LOOPBACK)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "rumqttd.toml"
        _write_private(path, filled(self._templates / "rumqttd.toml", {"port": str(self.port)}))
        return [sys.executable, "-m", "edge.bus.brokers", str(path)]


def mosquitto(
    port: int, folder: Path, credentials: Mapping[str, str] | None, *, store: str = "s001", address: str = LOOPBACK
) -> Broker:
    """Mosquitto on `port`, with its files in `folder`. `credentials` are passwords by user name; None is an open
    loopback.
    """
    return Mosquitto(port, folder, credentials, store, address)


def embedded(port: int, folder: Path) -> Broker:
    """The embedded broker on loopback."""
    return Embedded(port, folder)


def filled(template: Path, values: Mapping[str, str]) -> str:
    """A template's text with `$name` replaced."""
    return string.Template(template.read_text(encoding="utf-8")).substitute(values)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=0.5):
        return True
    return False


def _serve_embedded(config: str, *flags: str) -> None:
    """The child process. With `--tied` it ends when its standard input closes, as it does when the parent is gone."""
    from iotcore import Broker as Rumqttd  # noqa: PLC0415 - a part that a store with Mosquitto does not install

    # rumqttd reports every packet as an error span; its own log is of use to nobody.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    if Embedded.tied[0] in flags:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    Rumqttd(config_path=config).run_forever()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    _serve_embedded(*sys.argv[1:])
