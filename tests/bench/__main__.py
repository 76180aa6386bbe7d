"""All benches, one after the other, and a summary: `python -m tests.bench [--quick]`, or `make bench`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.report import OUTCOMES, Goal, arguments, machine, table

BENCHES = (
    "bench_journal", "bench_unlock", "bench_fleet", "bench_sync", "bench_pulse", "bench_glance", "bench_catalogue",
    "bench_scan", "bench_memory", "bench_year", "bench_update", "bench_offers", "bench_checkout", "bench_visit",
    "bench_kiosk", "bench_pages", "bench_companions", "bench_tls",
)  # fmt: skip


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHES, default=BENCHES)
    chosen = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Path(folder) / "outcomes"
        outcomes.touch()
        for bench in chosen.only:
            print(f"\n# {bench}\n", flush=True)
            command = [sys.executable, "-m", f"tests.bench.{bench}", *(["--quick"] if chosen.quick else [])]
            if subprocess.run(command, env={**os.environ, OUTCOMES: str(outcomes)}, check=False).returncode:
                failed.append(bench)
        goals = [Goal(**json.loads(line)) for line in outcomes.read_text(encoding="utf-8").splitlines()]
    print(f"\n# Summary\n\n{machine()}\n\n{table(goals)}")
    for bench in failed:
        print(f"\n{bench} did not finish")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
