"""Printers whose paper can be looked at: run as a process of their own, they may be killed at any moment.

What lies on the paper is a file per printer, flushed before anything else happens: that is the physical moment. The
driver remembers nothing else, so that a slip comes out twice whenever somebody asks for it twice.
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
from typing import TYPE_CHECKING, Any

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.contract import DesiredBody, Instruction, Print
from device_drivers.driver import Outcome, Reason, Result, State

if TYPE_CHECKING:
    from device_drivers.driver import Report

CALM = "calm"
"""While this file lies in the folder, nothing goes wrong any more."""
LOG = "paper.ndjson"


class Printer:
    """A printer with moods: paper out, cover open, cable out, slow, and unsure of itself."""

    kind = "printer"
    capabilities = ("print", "identify")

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._ended = threading.Event()
        self._mood = "ok"
        folder.mkdir(parents=True, exist_ok=True)
        self._paper = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._life = threading.Thread(target=self._live, daemon=True)

    def start(self, report: Report) -> None:
        self._report = report
        self._life.start()

    def stop(self) -> None:
        self._ended.set()

    def state(self) -> State:
        mood = self._mood
        return State(
            paper="out" if mood == "paper_out" else "unknown" if mood == "cable_out" else "ok",
            cover="open" if mood == "cover_open" else "closed",
            online=mood != "cable_out",
        )

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        raise ValueError("a printer shows nothing")

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        calm = self._calm()
        time.sleep(0.01 if calm else self._chance.choice([0.01, 0.02, 0.05, 0.4]))
        if self._mood != "ok":
            reasons = {"paper_out": Reason.PAPER_OUT, "cover_open": Reason.COVER_OPEN, "cable_out": Reason.NO_RESPONSE}
            return Result(Outcome.FAILED, reasons[self._mood])
        draw = 1.0 if calm else self._chance.random()
        if draw < 0.02:
            return Result(Outcome.UNKNOWN)  # nothing came out, and it cannot tell
        assert isinstance(instruction, Print)
        copy = instruction.document.copy is not None
        line = {"job": instruction.job, "revision": instruction.revision, "copy": copy, "at": time.time_ns()}
        os.write(self._paper, (json.dumps(line) + "\n").encode())
        os.fsync(self._paper)
        if draw < 0.04:
            return Result(Outcome.UNKNOWN)  # it came out, and it cannot tell
        time.sleep(0.0 if calm else self._chance.choice([0.0, 0.02]))
        return Result(Outcome.DONE)

    def _calm(self) -> bool:
        return (self._folder.parent / CALM).exists()

    def _live(self) -> None:
        """Moods come and go."""
        while not self._ended.wait(self._chance.uniform(0.1, 1.5)):
            self._turn(self._chance.choice(["paper_out", "cover_open", "cable_out"]))
            self._ended.wait(self._chance.uniform(0.05, 0.8))
            self._turn("ok")

    def _turn(self, mood: str) -> None:
        self._mood = "ok" if self._calm() else mood
        self._report.state(self.state())


def lines(folder: Path) -> list[dict[str, Any]]:
    """Everything on the paper of every printer below `folder`."""
    found = []
    for log in sorted(folder.glob(f"*/{LOG}")):
        found += [{**json.loads(line), "printer": log.parent.name} for line in log.read_text().splitlines()]
    return found


def main(port: str, folder: str, seed: str, *printers: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    agents = []
    for printer in printers:
        place = Path(folder) / printer
        driver = Printer(place, random.Random(f"{seed} {printer} {os.getpid()}"))
        link = Link("127.0.0.1", int(port), "s001", printer)
        agents.append(Agent(printer, driver, link, place, backoff=Backoff(0.05, 0.5)))
    for agent in agents:
        agent.start()
    stop.wait()
    for agent in agents:
        agent.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
