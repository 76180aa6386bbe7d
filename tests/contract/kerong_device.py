"""The agent with a real lock driver, on an emulated Kerong board: the contract holds for hardware as well.

The cart stands in a CU48B dock. `lock` is not a verb of such a dock, whose hook snaps in by itself: here it is a person
who pushes the cart in.
"""

from __future__ import annotations

import argparse
import math
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.contract import DesiredBody, Identify, Instruction, Lock, Unlock
from device_drivers.driver import Outcome, Result
from device_drivers.locks import kerong_dock
from tests.contract.our_device import BoltMoved
from tests.device_drivers.locks.kerong_emulator import PtyLine

if TYPE_CHECKING:
    from device_drivers.driver import Report

HOOK = 6


class Cart(kerong_dock.Driver):
    """Writes down each move of its hook, reports it, and takes a desired body, as the suite wants it."""

    capabilities = ("unlock", "lock", "identify", "find")

    def __init__(self, settings: kerong_dock.Settings, folder: Path, line: PtyLine) -> None:
        super().__init__(settings, folder)
        self._moves, self._dock_line = folder / "moves", line

    def start(self, report: Report) -> None:
        self._bench = report
        super().start(report)
        while self.state().lock == "unknown":
            time.sleep(0.01)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        if isinstance(instruction, Lock):
            result = self._push_in()
        else:
            result = super().carry_out(instruction if isinstance(instruction, Unlock) else Identify(), deadline)
        if result.outcome is Outcome.DONE and isinstance(instruction, Unlock | Lock):
            with self._moves.open("a") as file:
                file.write(f"{instruction.verb}\n")
            self._bench.event(BoltMoved(instruction.verb))
        return result

    def _push_in(self) -> Result:
        cabinet = self._dock_line.cabinets[0]
        if cabinet.hooked[HOOK]:
            return Result(Outcome.ALREADY)
        time.sleep(cabinet.spring_s)
        cabinet.push_shut(HOOK)
        while self.state().lock != "locked":
            time.sleep(0.01)
        return Result(Outcome.DONE)

    def apply(self, body: DesiredBody) -> None:
        """Nothing but the version of the form is asked of it."""


def main() -> None:
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser()
    for name in ("host", "port", "store", "device", "folder"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--password")
    parser.add_argument("--late", type=float, default=0.0, help="seconds that the hook takes")
    given = parser.parse_args()
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    folder = Path(given.folder)
    line = PtyLine(folder / "line", "cu48b")
    line.cabinets[0].spring_s = given.late
    line.cabinets[0].things[HOOK] = True
    line.plug()
    settings = {"url": line.url, "dialect": "cu48b", "closed_bit": 1, "occupied_bit": 1, "lock": f"0/{HOOK + 1}"}
    settings |= {"release_s": 60.0, "reply_s": 2.0, "poll_s": 0.3}  # a busy machine may be slow
    cart = Cart(msgspec.convert(settings, kerong_dock.Settings), folder, line)
    link = Link(given.host, int(given.port), given.store, given.device, given.password)
    agent = Agent(given.device, cart, link, folder, backoff=Backoff(0.2, 1.0))
    agent.start()
    while not told.wait(1):
        pass
    agent.stop()
    line.stop()


if __name__ == "__main__":
    main()
