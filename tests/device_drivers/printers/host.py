"""The driver as a process that can be killed: commands come in as JSON lines, results go out as JSON lines.

`python -m tests.device_drivers.printers.host FOLDER SETTINGS`
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from device_drivers.contract import EventData, Print
from device_drivers.driver import State
from device_drivers.printers.escpos import Driver, Settings


class Silent:
    """A report that nobody reads."""

    def state(self, state: State) -> None:
        pass

    def event(self, event_data: EventData) -> None:
        pass


def main() -> None:
    folder, settings = sys.argv[1:]
    driver = Driver(msgspec.json.decode(settings, type=Settings), Path(folder))
    driver.start(Silent())
    print("ready", flush=True)
    for line in sys.stdin:
        result = driver.carry_out(msgspec.json.decode(line, type=Print))
        print(msgspec.json.encode(result).decode(), flush=True)
    driver.stop()


if __name__ == "__main__":
    main()
