"""What starts the services of a store in tests, where no systemd runs: one process for each part, found by its number.

python -m tests.operations.ctl FOLDER {start,stop,restart} PART
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {"gateway": ["run"], "devices": ["devices", "run"]}


def stop(numbered: Path) -> None:
    """SIGTERM, and SIGKILL where that takes too long."""
    if not numbered.exists():
        return
    process = int(numbered.read_text("ascii"))
    numbered.unlink()
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(process, number)
            for _ in range(300):
                os.kill(process, 0)
                if Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z":
                    return
                time.sleep(0.05)
        except OSError:
            return


def start(folder: Path, part: str, numbered: Path) -> None:
    words = [sys.executable, "-m", "edge.cli", *COMMANDS[part]]
    with (folder / f"{part}.log").open("ab") as log:
        process = subprocess.Popen(
            [*words, "--config", str(folder / "config"), "--data", str(folder / "data")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    numbered.write_text(str(process.pid), "ascii")


def main() -> None:
    folder, act, part = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    numbered = folder / f"{part}.pid"
    if part not in COMMANDS:
        return
    if act in ("stop", "restart"):
        stop(numbered)
    if act in ("start", "restart"):
        start(folder, part, numbered)


if __name__ == "__main__":
    main()
