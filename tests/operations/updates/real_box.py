"""A box with a real gateway, a real broker and a cart, run by the version that `current` leads to.

The versions are this house's own code, called by different names; some of them have something wrong.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.locks.simulated_cart import Driver, Settings
from edge.secrets.credentials import prepare
from operations.updates.desk import alone
from operations.updates.disk import Disk
from operations.updates.record import Notebook
from operations.updates.trial import UpdateError
from operations.updates.versions import Versions
from tests.conftest import free_port, new_broker
from tests.faults.house import CART, STORE, read, until

if TYPE_CHECKING:
    from collections.abc import Sequence

REPO = Path(__file__).resolve().parents[3]
CARTS = ("cart-01",)

PROGRAM = """#!/bin/sh
export PYTHONPATH={more}{repo}
case "$1" in
run) {on_run};;
esac
exec {python} -m edge.cli "$@"
"""

SUPERVISOR = """#!/bin/bash
# {folder}: ACT PART. It starts what `current` leads to again and again, as a service manager does.
[ "$2" = gateway ] || exit 0
cd {folder}
case "$1" in
start)
  [ -e loop ] && kill -0 "$(cat loop)" 2>/dev/null && exit 0
  setsid bash -c 'while :; do {root}/current/bin/storekeeper run --config {config} & echo $! >child; wait $!; sleep 0.2
    done' </dev/null >>gateway.log 2>&1 &
  echo $! >loop;;
stop)
  [ -e loop ] && kill -9 "$(cat loop)" 2>/dev/null; rm -f loop
  if [ -e child ]; then
    kill -TERM "$(cat child)" 2>/dev/null
    for _ in $(seq 200); do kill -0 "$(cat child)" 2>/dev/null || break; sleep 0.05; done
    kill -9 "$(cat child)" 2>/dev/null; rm -f child
  fi;;
esac
exit 0
"""

FORM_2 = """import edge.journal.schema
import edge.web.views.box_state
edge.journal.schema.FORM = 2
edge.web.views.box_state.box_state = None
"""
"""It gives the journal a form that earlier versions refuse, and does not answer store IT."""
NEW_FACT = """import edge.domain.box.facts as facts
from edge.journal.entry import Fact


class Dreamt(Fact, frozen=True, tag="update.dreamt.v1"):
    of: str = ""


facts.FACTS = (*facts.FACTS, Dreamt)
"""
"""It knows a fact that no other version knows."""
NO_UNLOCK = """import sys
if "run" in sys.argv:
    import edge.domain.carts.decisions as decisions
    decisions._hindrance = lambda row: "cart_away"
"""


class RealBox:
    """Use as a context: nothing of it outlives the test."""

    def __init__(self, folder: Path, kind: str = "mosquitto") -> None:
        self.folder, self.root, self.state = folder, folder / "opt", folder / "state"
        self.config, self.data = folder / "config", folder / "data"
        self.http = free_port()
        self.base = f"http://127.0.0.1:{self.http}"
        self._broker = new_broker(kind, folder / "broker")
        self._agents: list[Agent] = []
        for place in (self.root, self.config, folder / "run"):
            place.mkdir(parents=True)
        self._settings()
        prepare(self.data, ["gateway", *CARTS])
        self.control = folder / "control"
        text = SUPERVISOR.format(folder=folder / "run", root=self.root, config=self.config)
        self.control.write_text(text)
        self.control.chmod(0o755)
        self.services = f"command:{self.control} {{act}} {{part}}"

    def _settings(self) -> None:
        (self.config / "store.toml").write_text(STORE, encoding="utf-8")
        (self.config / "devices.toml").write_text("".join(CART.format(cart) for cart in CARTS), encoding="utf-8")
        port = self._broker.url.rpartition(":")[2]
        lines = [f"data = {json.dumps(str(self.data))}", f'public_url = "{self.base}"']
        lines += ["[http]", 'host = "127.0.0.1"', f"port = {self.http}"]
        lines += ["[broker]", 'kind = "external"', f'url = "mqtt://127.0.0.1:{port}"']
        lines += ["[update]", f"source = {json.dumps(str(self.folder / 'shelf'))}", "kilobytes_per_s = 0"]
        (self.config / "gateway.toml").write_text("\n".join(lines), encoding="utf-8")

    def lay(self, version: str, *, on_run: str = ":", site: str = "") -> Path:
        """A version on the disk. `on_run` is what its gateway does first; `site` is Python that it starts with."""
        return self.lay_below(self.root, version, on_run=on_run, site=site)

    def lay_below(self, root: Path, version: str, *, on_run: str = ":", site: str = "") -> Path:
        program = root / version / "bin" / "storekeeper"
        program.parent.mkdir(parents=True)
        more = ""
        if site:
            (root / version / "site").mkdir()
            (root / version / "site" / "sitecustomize.py").write_text(site)
            more = f"{self.root / version / 'site'}:"
        program.write_text(PROGRAM.format(more=more, repo=REPO, on_run=on_run, python=sys.executable))
        program.chmod(0o755)
        return program

    def run(self, version: str) -> None:
        """Open the store with a version."""
        (self.root / "current").symlink_to(version)
        self.act("start")
        self.wait()

    def act(self, act: str) -> None:
        subprocess.run([self.control, act, "gateway"], check=True)

    def wait(self) -> None:
        until(self.is_open, what=self.last_words)

    def is_open(self) -> bool:
        import requests

        with suppress(requests.RequestException):
            return requests.get(f"{self.base}/readyz", timeout=20).ok
        return False

    def __enter__(self) -> Self:
        self._broker.start()
        for cart in CARTS:
            place = self.folder / cart
            place.mkdir(exist_ok=True)
            link = Link("127.0.0.1", int(self._broker.url.rpartition(":")[2]), "s001", cart)
            agent = Agent(cart, Driver(Settings(pull_out_s=0), place), link, place, backoff=Backoff(0.05, 0.5))
            agent.start()
            self._agents.append(agent)
        return self

    def __exit__(self, *_: object) -> None:
        self.act("stop")
        for agent in self._agents:
            agent.stop()
        self._broker.stop()

    def words(self, *words: str) -> list[str]:
        """The command line of an update, by the version that is good, or runs."""
        good = self.root / ("good" if (self.root / "good").exists() else "current")
        place = ["--config", str(self.config), "--root", str(self.root), "--state", str(self.state)]
        return [str(good / "bin" / "storekeeper"), "update", *words, *place]

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"STOREKEEPER_SERVICES": self.services}

    def update(self, *words: str, code: int | None = 0) -> str:
        """Runs an update and returns what it said."""
        ended = subprocess.run(
            self.words(*words), capture_output=True, text=True, timeout=600, env=self.environment, check=False
        )
        said = ended.stdout + ended.stderr
        assert "Traceback" not in said, said
        assert code is None or ended.returncode == code, f"exit code {ended.returncode}: {said}\n{self.last_words()}"
        return said

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Begins an update that somebody is going to kill."""
        with (self.folder / "update.log").open("ab") as log:
            return subprocess.Popen(self.words(*words), stdout=log, stderr=log, env=self.environment)

    def power_fails(self) -> None:
        """Whatever runs the store is gone at once."""
        for name in ("loop", "child"):
            with suppress(OSError, ValueError):
                os.kill(int((self.folder / "run" / name).read_text()), signal.SIGKILL)
            (self.folder / "run" / name).unlink(missing_ok=True)

    def versions_but(self, *names: str) -> str:
        """The latest version here that is none of these."""
        return next(
            name for name in Versions(self.root, Disk()).names() if name not in (*names, "1.2.0", "1.3.0", "1.4.0")
        )

    def is_settled(self) -> bool:
        """Whether no update is under way, and none has to be ended."""
        with suppress(UpdateError), alone(self.state):
            return self.current == self.good and Notebook(self.state, Disk()).read().step == "rest"
        return False

    @property
    def current(self) -> str:
        return (self.root / "current").readlink().name

    @property
    def good(self) -> str:
        return (self.root / "good").readlink().name

    def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        return read(self.data / "storekeeper.db", sql, *params)

    def facts(self, kind: str) -> list[dict[str, Any]]:
        rows = self.rows("SELECT body FROM entries WHERE type=? ORDER BY sequence", kind)
        return [json.loads(row["body"]) for row in rows]

    def last_words(self) -> str:
        log = self.folder / "run" / "gateway.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-12:]) if log.exists() else "no log"


def wait_for_end(process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def tar_of(tree: Path, target: Path) -> Path:
    """A version's tree as it is published."""
    words: Sequence[str] = ["tar", "-czf", str(target), "-C", str(tree.parent), tree.name]
    subprocess.run(words, check=True)
    return target
