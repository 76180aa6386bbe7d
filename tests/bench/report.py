"""How the benches say what they found: absolute values, and the ratio to a floor or a peer of the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

OUTCOMES: Final = "STOREKEEPER_BENCH_OUTCOMES"
"""Environment variable: a file to which each goal is appended as a line of JSON, for the summary of all benches."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One target of the project, and what was found."""

    target: str
    measured: str
    ratio: str
    met: bool | None
    """None where nothing is promised or the other side was missing."""

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: "-"}[self.met]


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that every bench has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="short rounds and few facts: whether it works at all")
    return parser


def show(title: str, goals: Sequence[Goal]) -> None:
    """Print a table of goals, and leave them to the summary where one is made."""
    print(f"\n## {title}\n")
    print(table(goals), flush=True)
    place = os.environ.get(OUTCOMES)
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(goal)) + "\n" for goal in goals)


def table(goals: Sequence[Goal]) -> str:
    """Markdown."""
    head = "| target | measured | ratio | |\n|---|---|---|---|\n"
    return head + "\n".join(f"| {goal.target} | {goal.measured} | {goal.ratio} | {goal.verdict} |" for goal in goals)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many per cent lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def machine() -> str:
    """What the numbers were measured on: without names and places."""
    mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    said = subprocess.run([mosquitto, "-h"], capture_output=True, text=True, check=False).stdout if mosquitto else ""
    parts = [
        f"{os.cpu_count()} cores ({_cpu()})",
        f"Linux {platform.release().split('-')[0]}" if platform.system() == "Linux" else platform.system(),
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        said.splitlines()[0] if said else "no Mosquitto",
        *(f"{name} {version(name)}" for name in ("paho-mqtt", "uvicorn", "uvloop", "fastapi", "starlette")),
        f"load {os.getloadavg()[0]:.1f} at the end",
    ]
    return ", ".join(parts)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
