"""The project's own agent with a simulated cart, as a program that the contract suite starts and kills."""

from __future__ import annotations

import argparse
import logging
import math
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.contract import DesiredBody, EventData, Instruction, Lock, Unlock
from device_drivers.driver import Outcome, Result
from device_drivers.locks import simulated_cart

if TYPE_CHECKING:
    from device_drivers.driver import Report


class Cart(simulated_cart.Driver):
    """A simulated cart that writes down each move of its bolt, reports each unlocking, and takes a desired body."""

    def __init__(self, settings: simulated_cart.Settings, folder: Path) -> None:
        super().__init__(settings, folder)
        self._moves_file = folder / "moves"

    def start(self, report: Report) -> None:
        super().start(report)
        self._bench_report = report

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        result = super().carry_out(instruction, deadline)
        if result.outcome is Outcome.DONE and isinstance(instruction, Unlock | Lock):
            with self._moves_file.open("a") as file:
                file.write(f"{instruction.verb}\n")
            self._bench_report.event(BoltMoved(instruction.verb))
        return result

    def apply(self, body: DesiredBody) -> None:
        """Nothing but the version of the form is asked of it."""


class BoltMoved(EventData, frozen=True):
    """A type of event that the contract does not know."""

    type: ClassVar[str] = "bolt_moved"
    verb: str


def main() -> None:
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser()
    for name in ("host", "port", "store", "device", "folder"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--password")
    parser.add_argument("--late", type=float, default=0.0, help="seconds that the bolt takes")
    given = parser.parse_args()
    logging.basicConfig(level=os.environ.get("LEVEL", "INFO"))
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    folder = Path(given.folder)
    link = Link(given.host, int(given.port), given.store, given.device, given.password)
    cart = Cart(simulated_cart.Settings(pull_out_s=0, late_s=given.late), folder)
    agent = Agent(given.device, cart, link, folder, backoff=Backoff(0.2, 1.0))
    agent.start()
    while not told.wait(1):
        pass
    agent.stop()


if __name__ == "__main__":
    main()
