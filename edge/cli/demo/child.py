"""One process of the demo: started, logged, started again alone when it dies, and stopped with the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds before the first restart, and at most; doubled each time."""
STABLE = 20.0
"""A process that ran for this many seconds has its next pause counted from the first again."""
LOG_BYTES = 8 * 1024 * 1024
"""A log longer than this is put aside as `<name>.log.1`, so that a demo may run for weeks."""

Told = Callable[[str], None]


def _die_with_parent() -> Callable[[], None] | None:
    """What a new process does first, on Linux: ask to be killed when the supervisor is gone, however it went."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It died between fork and prctl.
            os._exit(1)

    return ask


class Child:
    """`argv` as a process of its own session: Ctrl-C in the terminal reaches the supervisor alone."""

    def __init__(self, name: str, argv: Sequence[str], logs: Path, tell: Told) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self.starts = 0
        self._argv = list(argv)
        self._tell = tell
        self._given_up: dict[int, str] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def give_up(self, code: int, words: str) -> None:
        """After this exit code it is not started again; `words` are said in place of it."""
        self._given_up[code] = words

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run(), name=f"child {self.name}")

    async def stop(self, patience: float) -> None:
        """SIGTERM, and after `patience` seconds SIGKILL."""
        self._stopping.set()
        if self._runner is None:
            return
        self._signal(signal.SIGTERM)
        done, _ = await asyncio.wait({self._runner}, timeout=patience)
        while not done:  # again and again: it may just be being made
            self._signal(signal.SIGKILL)
            done, _ = await asyncio.wait({self._runner}, timeout=0.2)

    def _signal(self, number: int) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if code in self._given_up:
                self._tell(self._given_up[code])
                return
            pause = FIRST_PAUSE if time.monotonic() - began > STABLE else pause
            self._tell(f"{self.name} stopped ({_ending(code)}); starting it again. Its log: {self.log}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _run_once(self) -> int:
        self.starts += 1
        _put_aside(self.log)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.PIPE,  # It closes when we are gone, for those who watch it.
                stdout=log,
                stderr=log,
                env=_own_environment(),
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        if self._stopping.is_set():  # Told to stop while the process was being made.
            self._signal(signal.SIGTERM)
        return await self._process.wait()


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _put_aside(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.move(log, log.with_name(log.name + ".1"))


def _own_environment() -> dict[str, str]:
    """Without the way to the service manager: it watches the demo, not its parts."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NOTIFY_SOCKET", "WATCHDOG_USEC")}
    return kept | {"PYTHONUNBUFFERED": "1"}
