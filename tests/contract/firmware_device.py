"""Becomes the reference firmware of an ESP32 cart lock: under MicroPython where it is, otherwise under Python."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> None:
    given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    given["--late_ms"] = str(int(float(given.pop("--late", 0)) * 1000))
    given["--hurry"] = "0.2"
    interpreter = shutil.which("micropython") or sys.executable
    os.environ["MICROPYPATH"] = f"{ROOT}:.frozen"
    argv = [interpreter, str(ROOT / "device_drivers" / "firmware" / "cart_lock.py")]
    os.execv(interpreter, argv + [part for pair in given.items() for part in pair])


if __name__ == "__main__":
    main()
