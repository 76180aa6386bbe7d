"""A whole store in processes of its own, whose settings a test changes: real broker, gateway and drivers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.domain.playlists import queries
from edge.journal import Reader
from edge.secrets.vault import Vault
from edge.settings.settings import load
from operations.inside import Inside, NotReached
from tests.conftest import free_port, new_broker

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PATIENCE_S = 240.0
"""Several processes begin at once, and a busy machine has other things to do."""
WITHIN = ("--within", "300")
"""So many seconds a store may take to be well again."""
CARTS = ("cart-01", "cart-02")


def wait(so: Callable[[], Any]) -> None:
    """Until it is so. Fails where it never is."""
    until = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.1)


class LiveStore:
    """One store below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.data = folder / "data"
        self.services = f"command:{sys.executable} -m tests.operations.ctl {folder} {{act}} {{part}}"
        self._broker = new_broker("mosquitto", folder / "broker")
        self.port = free_port()
        self._settle()

    def _settle(self) -> None:
        """The example store on ports of its own."""
        self.config.mkdir(parents=True)
        for name in ("store.toml", "devices.toml", "gateway.toml"):
            shutil.copy(ROOT / "config" / name, self.config)
        shutil.copytree(ROOT / "config" / "campaigns", self.config / "campaigns")
        gateway = (self.config / "gateway.toml").read_text("utf-8")
        gateway = gateway.replace("port = 8080", f"port = {self.port}", 1).replace('"0.0.0.0"', '"127.0.0.1"')
        gateway = gateway.replace("mqtt://127.0.0.1:1883", self._broker.url)
        (self.config / "gateway.toml").write_text(gateway, "utf-8")

    def open(self) -> None:
        self._broker.start()
        self.act("start", "gateway")
        self.act("start", "devices")
        wait(lambda: set(CARTS) <= self.here())

    def close(self) -> None:
        for part in ("devices", "gateway"):
            self.act("stop", part)
        self._broker.stop()

    def act(self, act: str, part: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "tests.operations.ctl", str(self.folder), act, part], cwd=ROOT, check=True
        )

    def state(self) -> Any:
        """What the gateway says of itself; none where it does not answer."""
        if not (self.data / "secrets" / "store.key").exists():
            return None
        inside = Inside(load(self.config).gateway, Vault.open(self.data / "secrets" / "store.key"))
        try:
            return inside.get("/api/v1/box").body
        except NotReached:
            return None

    def here(self) -> set[str]:
        """The devices that are here."""
        state = self.state()
        return {each["id"] for each in state["devices"] if each["online"] and each["heard"]} if state else set()

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """Last words on the box of this kind."""
        inside = Inside(load(self.config).gateway, Vault.open(self.data / "secrets" / "store.key"))
        said = inside.get("/api/v1/box/facts").body
        return [each["fact"] for each in said if each["type"] == kind]

    def playing(self) -> set[str]:
        """The playlists that are in force."""
        reader = Reader(self.data / "storekeeper.db")
        try:
            return set(queries.known(reader))
        finally:
            reader.close()

    def words(self, *command: str) -> list[str]:
        """A command on this store."""
        where = ["--config", str(self.config), "--data", str(self.data)]
        return [sys.executable, "-m", "edge.cli", *command, *where]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.words(*command), cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    def apply(self, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
        return self.run("apply", str(folder), "--services", self.services, *WITHIN, *more)

    def changed(self, name: str, file: str, old: str, new: str) -> Path:
        """A copy of the settings in force with one thing changed."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.config, folder)
        path = folder / file
        text, count = re.subn(old, new, path.read_text("utf-8"), count=1)
        assert count, f"{file} has no {old}"
        path.write_text(text, "utf-8")
        return folder
