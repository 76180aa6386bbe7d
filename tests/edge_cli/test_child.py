"""One process of the demo, with small programs in place of the store's."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.cli.demo import child as module
from edge.cli.demo.child import Child


async def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def made(tmp_path: Path, program: str, told: list[str]) -> Child:
    return Child("thing", [sys.executable, "-c", program], tmp_path / "logs", told.append)


async def test_a_process_that_is_killed_starts_again(tmp_path: Path) -> None:
    told: list[str] = []
    child = made(tmp_path, "import time; print('here', flush=True); time.sleep(600)", told)
    child.start()
    await until(lambda: child.pid is not None and child.log.exists() and b"here" in child.log.read_bytes())
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: child.pid not in (None, first))
    assert told == [f"thing stopped (killed by SIGKILL); starting it again. Its log: {child.log}"]
    await child.stop(5)
    assert child.pid is None


async def test_one_that_fails_at_once_is_started_ever_more_slowly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.1)
    told: list[str] = []
    child = made(tmp_path, "raise SystemExit(7)", told)
    began = time.monotonic()
    child.start()
    await until(lambda: child.starts >= 4)
    assert time.monotonic() - began >= 0.1 + 0.2 + 0.4
    assert "thing stopped (exit code 7)" in told[0]
    await child.stop(5)


async def test_one_that_cannot_work_here_is_left_alone(tmp_path: Path) -> None:
    told: list[str] = []
    child = made(tmp_path, "raise SystemExit(69)", told)
    child.give_up(69, "no window here")
    child.start()
    await until(lambda: bool(told))
    assert (told, child.starts) == (["no window here"], 1)
    await child.stop(5)


async def test_one_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    child = made(tmp_path, program, [])
    child.start()
    await until(lambda: child.log.exists() and b"deaf" in child.log.read_bytes())
    await child.stop(0.2)
    assert child.pid is None


async def test_a_long_log_is_put_aside_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_BYTES", 10)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "thing.log").write_text("much was said here")
    child = made(tmp_path, "print('new', flush=True); import time; time.sleep(600)", [])
    child.start()
    await until(lambda: child.log.exists() and b"new\n" in child.log.read_bytes())
    await child.stop(5)
    assert child.log.with_name("thing.log.1").read_text() == "much was said here"
    assert child.log.read_text() == "new\n"
