"""This code beside another checkout of it, in turns on the same machine: what the same work costs.

    python -m tests.bench.beside FOLDER [bench_unlock bench_journal …] [--rounds 9]

FOLDER is the other checkout with its own `.venv` and today's `tests/bench` in its names. A round has both once, the
order swapped from round to round: of `bench_unlock` a second at 1, 16 and 64 connections, with both stores standing all
the time; of the others a run with `--quick`. A ratio above 1 means that this code costs more. Given are the median of
the rounds' ratios and the interval that holds the true median with 95 %. Read CPU first where the machine is busy:
seconds by the clock then measure the others.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).resolve().parents[2]
BENCHES: Final = ("bench_unlock", "bench_journal", "bench_fleet", "bench_glance")
CONNECTIONS: Final = (1, 16, 64)
COLD: Final = 2
"""Turns that do not count: what a gateway does after its start, such as a look at its devices, is over then."""

Costs = dict[str, float]
Turn = Callable[[Path], Costs]


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
    Line(re.compile(r"^  (?P<of>ours) +(?P<value>[\d,]+) facts/s", re.MULTILINE), "facts to the cloud", rate=True),
    Line(re.compile(r"^  (?P<of>ours) .*receiver (?P<value>[\d.]+) us CPU", re.MULTILINE), "CPU of a fact, receiver"),
    Line(re.compile(r"\| (?P<of>[^|:]+): under 20 ms \| processor p50 (?P<value>[\d.]+) ms"), "search, {}"),
    Line(re.compile(r"\((?P<value>[\d.]+) s of (?P<of>processor)\)"), "import, CPU"),
    Line(re.compile(r"by (?P<of>code) under 1 ms \| p50 (?P<value>[\d.]+) "), "a product by its code, p50"),
    Line(re.compile(r"process from its (?P<of>start) \| (?P<value>[\d.]+) s"), "time to be ready"),
)


def measured(text: str) -> Costs:
    """What a bench printed, as costs: the median of each."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in LINES:
        for match in line.form.finditer(text):
            value = float(match["value"].replace(",", ""))
            if value:
                found[line.what.format(match["of"])].append(1 / value if line.rate else value)
    return {what: statistics.median(values) for what, values in found.items()}


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Between which two of the values the true median lies with 95 %, whatever their distribution; of few, all."""
    ordered, count = sorted(values), len(values)
    outside, rank = 0.0, 0
    while rank < (count - 1) // 2 and outside + 2 * math.comb(count, rank) / 2**count <= 0.05:
        outside += 2 * math.comb(count, rank) / 2**count
        rank += 1
    low = max(0, rank - 1)
    return ordered[low], ordered[count - 1 - low]


def start(folder: Path, *command: str) -> subprocess.Popen[str]:
    """A bench of that checkout, to write to and to read from."""
    return subprocess.Popen(
        [str(folder / ".venv" / "bin" / "python"), "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def quick_runs(bench: str) -> Iterator[Turn]:
    """A turn is a quick run of that bench."""

    def turn(folder: Path) -> Costs:
        running = start(folder, f"tests.bench.{bench}", "--quick")
        said, _ = running.communicate()
        if running.returncode:
            print(f"  {bench} in {folder.name} failed", file=sys.stderr)
        return measured(said)

    yield turn


class Store:
    """A store that stands, and is asked for turns of `bench_unlock`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bench = start(folder, "tests.bench.bench_unlock", "--turns")

    def until(self, word: str) -> str:
        """What it says before that word. Raises `SystemExit` where it has ended."""
        said = ""
        for line in self._bench.stdout or ():
            if line.strip() == word:
                return said
            said += line
        raise SystemExit(f"bench_unlock in {self._folder} has ended")

    def turn(self) -> Costs:
        """A second at each number of connections."""
        said = ""
        for connections in CONNECTIONS:
            print(connections, file=self._bench.stdin, flush=True)
            said += self.until("turned")
        return measured(said)

    def end(self) -> None:
        """Take it down."""
        if self._bench.stdin is not None:
            self._bench.stdin.close()
        self._bench.wait()


@contextmanager
def standing(folders: Sequence[Path]) -> Iterator[Turn]:
    """A turn is one of a store that stands already."""
    stores = {folder: Store(folder) for folder in folders}
    try:
        for store in stores.values():
            store.until("ready")
            for _ in range(COLD):
                store.turn()
        yield lambda folder: stores[folder].turn()
    finally:
        for store in stores.values():
            store.end()


def compare(bench: str, folders: Sequence[Path], rounds: int) -> dict[str, list[float]]:
    """What this code costs by what the other one does, of each round."""
    ratios: dict[str, list[float]] = defaultdict(list)
    with standing(folders) if bench == "bench_unlock" else quick_runs(bench) as turn:
        for number in range(rounds):
            found = {folder: turn(folder) for folder in (folders if number % 2 else folders[::-1])}
            before, now = (found[folder] for folder in folders)
            for what in before.keys() & now.keys():
                ratios[what].append(now[what] / before[what])
            first = next(iter(sorted(ratios)), "")
            told = f"{first} {ratios[first][-1]:.2f}" if first else "nothing"
            print(f"{bench}: round {number + 1}, load {os.getloadavg()[0]:.0f}: {told}", flush=True)
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("benches", nargs="*", default=BENCHES)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    for bench in chosen.benches:
        for what, values in sorted(compare(bench, [chosen.other.resolve(), HERE], chosen.rounds).items()):
            low, high = interval(values)
            print(
                f"| {bench} | {what} | {statistics.median(values):.2f} | {low:.2f} to {high:.2f} | {len(values)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
