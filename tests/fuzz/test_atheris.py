"""New inputs for whatever reads what others wrote: ten minutes each in `make test-all`.

`python -m tests.fuzz.fuzz_wire -max_total_time=60` runs one of them by hand.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rounds import rounds

ROUNDS = rounds(50)
ROOT = Path(__file__).parents[2]
TARGETS = sorted(path.stem for path in Path(__file__).parent.glob("fuzz_*.py"))


@pytest.mark.skipif(ROUNDS < 1000, reason="make test-all")
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("target", TARGETS)
def test_atheris_finds_nothing(target: str, tmp_path: Path) -> None:
    limits = ["-max_total_time=600", "-timeout=60", "-rss_limit_mb=2048", "-max_len=4096"]
    run = subprocess.run(
        [sys.executable, "-m", f"tests.fuzz.{target}", *limits],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
