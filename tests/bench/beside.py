"""This code beside another checkout of it, in turns on the same machine: what the same work costs.

    python -m tests.bench.beside FOLDER [bench_unlock bench_journal …] [--rounds 9]

FOLDER is the other checkout with its own `.venv`. Each round runs each bench with `--quick` in both, the order swapped
from round to round. A ratio above 1 means that this code costs more. Given are the median of the rounds' ratios, the
least and the most of them. Read CPU first where the machine is busy: seconds by the clock then measure the others.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).resolve().parents[2]
BENCHES: Final = ("bench_unlock", "bench_journal", "bench_fleet", "bench_glance")


class Line(NamedTuple):
    """A line of a bench's report, what it measures, and whether more of it is cheaper."""

    form: re.Pattern[str]
    what: str
    rate: bool = False


LINES: Final = (
    Line(
        re.compile(r"gateway +(?P<of>\d+) connections:.* (?P<value>[\d,]+) us CPU"), "CPU of an unlock, {} connections"
    ),
    Line(re.compile(r"gateway +(?P<of>\d+) connections: +(?P<value>[\d,]+)/s"), "unlocks, {} connections", rate=True),
    Line(
        re.compile(r"gateway +(?P<of>\d+) connections:.*p50 +(?P<value>[\d.]+) ms"), "p50 of an unlock, {} connections"
    ),
    Line(re.compile(r"^  (?P<of>[a-z][^:/]*?) +(?P<value>[\d,]+)/s$", re.MULTILINE), "{}", rate=True),
    Line(re.compile(r"heartbeats (?P<of>on|off) *: (?P<value>[\d.]+) of a core"), "CPU, heartbeats {}"),
    Line(re.compile(r"heartbeats (?P<of>on|off) *:.*p50 (?P<value>[\d.]+) ms"), "p50 of an unlock, heartbeats {}"),
    Line(re.compile(r"(?P<of>RSS) (?P<value>\d+) MB"), "memory, {}"),
    Line(re.compile(r"\| (?P<value>\d+) ms \((?P<of>p50) "), "glance, p95"),
)


def measured(text: str) -> dict[str, float]:
    """What a bench printed, as costs: the median of each."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in LINES:
        for match in line.form.finditer(text):
            value = float(match["value"].replace(",", ""))
            if value:
                found[line.what.format(match["of"])].append(1 / value if line.rate else value)
    return {what: statistics.median(values) for what, values in found.items()}


def run(folder: Path, bench: str) -> dict[str, float]:
    """One quick run of a bench in that checkout."""
    python = folder / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [str(python), "-m", f"tests.bench.{bench}", "--quick"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {bench} in {folder.name} failed: {done.stderr[-500:]}", file=sys.stderr)
    return measured(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("benches", nargs="*", default=BENCHES)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    for bench in chosen.benches:
        ratios: dict[str, list[float]] = defaultdict(list)
        for number in range(chosen.rounds):
            folders = [chosen.other.resolve(), HERE]
            found = {folder: run(folder, bench) for folder in (folders if number % 2 else folders[::-1])}
            before, now = (found[folder] for folder in folders)
            for what in before.keys() & now.keys():
                ratios[what].append(now[what] / before[what])
            print(f"{bench}: round {number + 1}, load {os.getloadavg()[0]:.0f}", flush=True)
        for what, values in sorted(ratios.items()):
            spread = f"{min(values):.2f} to {max(values):.2f}"
            print(f"| {bench} | {what} | {statistics.median(values):.2f} | {spread} | {len(values)} |", flush=True)


if __name__ == "__main__":
    main()
