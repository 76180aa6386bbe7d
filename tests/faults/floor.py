"""The carts of the store, as a process: the real agent, and locks whose physical truth is a file that only grows.

What a lock did, stays done: the file outlives every process and says what moved, when, and for which command. It is the
witness that the invariants are checked against. `python -m tests.faults.floor PORT FOLDER SEED CART…`
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.contract import DesiredBody, EventData, Instruction, Outcome, Reason, State
from device_drivers.driver import Result
from device_drivers.simulation import World
from tests.faults.house import read

if TYPE_CHECKING:
    from device_drivers.driver import Report

HOLD = "hold"
"""While this file lies in the devices' folder, nobody brings a cart back."""


class Ground:
    """One cart in the real world: a line for everything that physically happened to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "ground.ndjson"
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.bolt, self.docked = physical(self.lines())
        self.told = sum(line["what"] == "telling" for line in self.lines())

    def lines(self) -> list[dict[str, Any]]:
        return lines(self._path)

    def add(self, what: str, **more: Any) -> None:
        """It has happened when this returns. One write: a kill leaves the whole line or none."""
        line = {"what": what, "wall_ms": time.time_ns() // 1_000_000, "pid": os.getpid(), **more}
        os.write(self._file, json.dumps(line).encode() + b"\n")
        self.bolt, self.docked = physical([line], self.bolt, self.docked)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def physical(happened: list[dict[str, Any]], bolt: str = "locked", docked: bool = True) -> tuple[str, bool]:
    """Where the bolt and the cart are after all that."""
    for line in happened:
        match line["what"]:
            case "actuated":
                bolt = "unlocked"
            case "pulled":
                docked = False
            case "returned":
                bolt, docked = "locked", True
    return bolt, docked


class Gone(EventData, frozen=True):
    """`undocked`, numbered by who counts them."""

    type: ClassVar[str] = "undocked"
    n: int


class Back(EventData, frozen=True):
    """`docked`, numbered likewise."""

    type: ClassVar[str] = "docked"
    n: int


class Lock:
    """A cart's lock with the moods of real ones: quick, slow to answer, stuck. A shopper pulls, and brings back."""

    kind = "cart"
    capabilities = ("unlock",)

    def __init__(self, folder: Path, chance: random.Random, *, moody: bool) -> None:
        self._folder, self._chance, self._moody = folder, chance, moody
        self._ground = Ground(folder)
        self._world = World(folder, lambda _: None)
        self._guard = threading.Lock()

    def start(self, report: Report) -> None:
        self._report = report
        self._world.start()
        # The world went on while this process was dead: who had the cart unlocked or out, still has.
        if self._ground.bolt == "unlocked":
            self._world.call_later(0.1, self._bring_back if not self._ground.docked else self._pull)

    def stop(self) -> None:
        self._world.stop()

    def state(self) -> State:
        with self._guard:
            return State(lock=self._ground.bolt, docked=self._ground.docked, battery=0.8)  # type: ignore[arg-type]

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002
        raise ValueError("a cart shows nothing")

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        """Moves the bolt. The command is the one that the agent has noted on disk: no note, no name for the deed."""
        noted = read(self._folder / "notes.db", "SELECT id FROM taken ORDER BY place DESC LIMIT 1")
        mood = self._chance.random() if self._moody else 0.5
        with self._guard:
            if not self._ground.docked:
                return Result(Outcome.REFUSED, Reason.NOT_DOCKED, {"docked": False})
            if self._ground.bolt == "unlocked":
                return Result(Outcome.ALREADY, None, {"docked": True})
            if mood < 0.06:
                return Result(Outcome.FAILED, Reason.JAMMED, {"docked": True})
            self._ground.add("actuated", id=noted[0]["id"] if noted else None)
        self._world.call_later(0.02, self._show)
        self._world.call_later(self._chance.uniform(0.05, 0.3), self._pull)
        if mood > 0.9:
            time.sleep(self._chance.uniform(0.2, 2.5))  # it has moved, and is long in saying so
        return Result(Outcome.DONE, None, {"docked": True})

    def _show(self) -> None:
        self._report.state(self.state())

    def _pull(self) -> None:
        with self._guard:
            if self._ground.bolt != "unlocked" or not self._ground.docked:
                return
            self._ground.add("pulled")
        self._tell("undocked")
        # No ride is shorter than the answer to an unlock may take.
        self._world.call_later(self._chance.uniform(1.5, 2.5), self._bring_back)

    def _bring_back(self) -> None:
        if (self._folder.parent / HOLD).exists():
            self._world.call_later(0.1, self._bring_back)
            return
        with self._guard:
            if self._ground.docked:
                return
            self._ground.add("returned")
        self._tell("docked")

    def _tell(self, event: str) -> None:
        self._show()
        self._ground.told += 1
        number = self._ground.told
        self._ground.add("telling", n=number)
        self._report.event(Gone(number) if event == "undocked" else Back(number))
        self._ground.add("told", n=number)


def main(port: str, folder: str, seed: str, *carts: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    agents = []
    for cart in carts:
        place = Path(folder) / cart
        lock = Lock(place, random.Random(f"{seed} {cart} {os.getpid()}"), moody=bool(seed))
        link = Link("127.0.0.1", int(port), "s001", cart)
        agents.append(Agent(cart, lock, link, place, backoff=Backoff(0.05, 0.5)))
    for agent in agents:
        agent.start()
    while not stop.wait(60):
        pass
    for agent in agents:
        agent.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
