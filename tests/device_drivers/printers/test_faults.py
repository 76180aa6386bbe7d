"""Jobs under everything that happens to a printer and its driver, at random: each one comes out once, or once and as a
copy where nobody could know, and none is lost. 50 jobs in `make test`, 1,000 in `make test-all`.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.driver import Outcome, Result
from device_drivers.printers.escpos import Settings
from tests.device_drivers.printers.emulator import ROLL, Printer, TcpPort
from tests.device_drivers.printers.interpreter import Interpreter, Slip
from tests.rounds import rounds, seed

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS = rounds(24)
SEED = seed()
LANES = 5
"""Printers side by side: most of the time of a fault is waiting."""
ROOT = Path(__file__).parents[3]
ATTEMPTS = 30

pytestmark = [pytest.mark.faults, pytest.mark.slow]


class Process:
    """The driver's process; it is started again when it was killed."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        given = msgspec.json.encode(settings).decode()
        self._command = [sys.executable, "-m", "tests.device_drivers.printers.host", str(folder), given]
        self._start()

    def _start(self) -> None:
        self._running = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._out.readline() == "ready\n"

    @property
    def _out(self) -> Any:
        return self._running.stdout

    def ask(self, args: dict[str, Any], kill_after: float | None = None) -> Result | None:
        """The result, or None where the process was killed before it said one."""
        assert self._running.stdin
        killer = threading.Timer(kill_after, self._running.send_signal, (signal.SIGKILL,)) if kill_after else None
        try:
            self._running.stdin.write(msgspec.json.encode(args).decode() + "\n")
            self._running.stdin.flush()
            if killer:
                killer.start()
            line = self._out.readline()
        finally:
            if killer:
                killer.join()
                self._running.wait()
                self.close()
                self._start()
        return msgspec.json.decode(line, type=Result) if line.endswith("\n") else None

    def close(self) -> None:
        assert self._running.stdin
        with contextlib.suppress(BrokenPipeError):
            self._running.stdin.close()
        self._running.wait(60)
        self._out.close()


class Lane:
    """One printer, its driver, and the queue before it."""

    def __init__(self, number: int, folder: Path) -> None:
        self.chance = random.Random(f"{SEED} {number}")
        self.printer = Printer(clears=number % 2 == 0)
        self.port = TcpPort(self.printer)
        confirm = "process_id" if number % 3 == 0 else "order"
        settings = Settings(url=self.port.url, poll_s=0, status_s=1.5, print_s=6.0, confirm=confirm, paper=58)
        self.process = Process(folder / f"printer-{number}", settings)
        self.unknown: Counter[str] = Counter()
        self.done: dict[str, str] = {}
        self.outcomes: Counter[str] = Counter()

    def document(self, job: str, *, copy: bool) -> dict[str, Any]:
        lines = [{"kind": "text", "text": f"BEGIN {job}"}, {"kind": "rule"}]
        lines += [{"kind": "text", "text": f"牛奶 {number} €"} for number in range(self.chance.randrange(2, 20))]
        lines += [{"kind": "qr", "data": job}, {"kind": "text", "text": f"END {job}"}]
        return {"language": "en", "lines": lines, **({"copy": {"en": "COPY"}} if copy else {})}

    # --- faults ---

    def disturb(self) -> float | None:
        """Something happens, now or soon. Returns after how many seconds the process is to be killed, if so."""
        chance = self.chance
        if chance.random() < 0.2:
            self.printer.set(dots_per_s=chance.choice([0.0, 3000.0]))
            return chance.uniform(0.001, 0.4)
        faults: tuple[Callable[[], object], ...] = (
            lambda: None,
            lambda: self.printer.set(paper=chance.randrange(20, 900)),
            lambda: self.printer.set(paper=0),
            lambda: self._soon(lambda: self.printer.set(cover_open=True)),
            lambda: self._soon(self.port.unplug),
            lambda: setattr(self.port, "hang_up_after", chance.randrange(1, 1800)),
            lambda: self.printer.set(dots_per_s=chance.choice([400.0, 3000.0])),
            lambda: self._soon(self._power),
            lambda: self._soon(lambda: self.printer.set(mute=True)),
        )
        chance.choice(faults)()
        return None

    def _soon(self, happens: Any) -> None:
        threading.Timer(self.chance.uniform(0, 0.05), happens).start()

    def _power(self) -> None:
        self.port.unplug()
        self.printer.lose_power()

    def mend(self) -> None:
        """Somebody comes and sees to it."""
        self.port.hang_up_after = None
        self.port.plug_in()
        self.printer.set(paper=ROLL, cover_open=False, mute=False, dots_per_s=0.0)

    # --- the queue ---

    def job(self, job: str) -> None:
        """Until it is printed, as the gateway would: again where it is certainly not on paper, a copy where nobody
        knows. A reply that never came is asked for again as it was: the driver knows.
        """
        copy = False
        for attempt in range(ATTEMPTS):
            kill_after = self.disturb() if attempt < 3 else None
            args = {"job": job, "revision": 1, "document": self.document(job, copy=copy)}
            result = self.process.ask(args, kill_after)
            self.outcomes[result.outcome if result else "killed"] += 1
            if result and result.outcome in (Outcome.DONE, Outcome.ALREADY):
                self.done[job] = "copy" if copy else "first"
                self.mend()
                return
            if result and result.outcome is Outcome.UNKNOWN:
                copy = True
                self.unknown[job] += 1
            elif result:
                assert result.observed["printed"] == "no", result
            threading.Event().wait(0.06)
            self.mend()
        seen = (self.printer.error, bytes(self.printer._buffer[:60]), self.printer._sound)
        raise AssertionError(f"{job} was never printed (seed {SEED}): {result}; the printer: {seen}")

    def run(self, jobs: list[str]) -> None:
        for job in jobs:
            self.job(job)
        self.process.close()
        self.printer.idle()

    def close(self) -> None:
        self.port.close()
        self.printer.switch_off()


def _on_paper(slips: list[Slip]) -> tuple[Counter[str], Counter[str]]:
    """How often each job is on paper whole, as a first print and as a copy."""
    first: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    for slip in slips:
        ends = [line.removeprefix("END ") for line in slip.lines if line.startswith("END ")]
        for job in ends:
            (copies if any("COPY" in line for line in slip.lines) else first)[job] += 1
    return first, copies


@pytest.mark.timeout(900 + 20 * JOBS)
def test_each_job_comes_out_once_or_once_and_as_a_copy(tmp_path: Path) -> None:
    lanes = [Lane(number, tmp_path) for number in range(LANES)]
    jobs = [[f"job-{number}" for number in range(JOBS) if number % LANES == lane] for lane in range(LANES)]
    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(Lane.run, lanes, jobs))
    total: Counter[str] = Counter()
    for lane, its in zip(lanes, jobs, strict=True):
        assert lane.printer.error is None, lane.printer.error
        first, copies = _on_paper(Interpreter(384, torn=True).run(lane.printer.tape))
        for job in its:
            seen = (job, first[job], copies[job], lane.unknown[job], lane.done[job])
            assert first[job] <= 1, seen
            if not lane.unknown[job]:
                assert (first[job], copies[job]) == (1, 0), seen
            if lane.done[job] == "copy":
                assert copies[job] >= 1, seen
            assert copies[job] <= lane.unknown[job], seen
        total += lane.outcomes
        total["copies"] += sum(copies.values())
        lane.close()
    print(f"\nSTOREKEEPER_SEED={SEED} STOREKEEPER_ROUNDS={JOBS}: {dict(total)}")
    assert total[Outcome.DONE] + total[Outcome.ALREADY] == JOBS
    assert total[Outcome.UNKNOWN] < JOBS
