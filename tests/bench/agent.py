"""One cart with our own agent and the simulated lock, as a process: `python -m tests.bench.agent PORT FOLDER`.

It is pulled out as soon as it is unlocked and comes back at once, so it can be unlocked again and again.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from device_drivers.agent import Agent, Link
from device_drivers.locks.simulated_cart import Driver, Settings
from tests.bench.store import REAL, STORE


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    agent = Agent(
        REAL,
        Driver(Settings(pull_out_s=0.2, auto_return_s=0.2), folder),
        Link("127.0.0.1", port, STORE, REAL),
        folder,
    )
    agent.start()
    while not agent.connected:
        time.sleep(0.05)
    print("ready", flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main()
