"""Runs the keyboard scanner on the device named on the command line until it has scanned so many codes; prints them.

A program of its own, because umockdev puts a whole process before its devices.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from device_drivers.contract import EventData
from device_drivers.scanners import hid


class Report:
    def __init__(self, count: int) -> None:
        self.left = threading.Semaphore(0)
        self.count = count

    def state(self, state: Any) -> None:
        pass

    def event(self, event_data: EventData) -> None:
        print(json.dumps([event_data.type, msgspec.to_builtins(event_data)]), flush=True)
        self.left.release()


def main() -> None:
    report = Report(int(sys.argv[2]))
    driver = hid.Driver(hid.Settings(path=sys.argv[1], silence_ms=5000), Path())
    driver.start(report)
    for _ in range(report.count):
        assert report.left.acquire(timeout=60), "no code came"
    driver.stop()


if __name__ == "__main__":
    main()
