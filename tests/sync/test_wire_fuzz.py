"""New inputs for the wire, in `make test-all`."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = int(os.environ.get("STOREKEEPER_ROUNDS", "50"))


@pytest.mark.skipif(ROUNDS < 1000, reason="make test-all")
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine")
@pytest.mark.timeout(1200)
def test_atheris_finds_nothing(tmp_path: Path) -> None:
    fuzzer = Path(__file__).with_name("fuzz_wire.py")
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, str(fuzzer), "-max_total_time=600", "-timeout=20", "-rss_limit_mb=2048", "-max_len=4096"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{root}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
