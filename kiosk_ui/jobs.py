"""Slow work of a screen, in a thread: one job at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_ui.screen import Job


class JobRunner:
    """Runs the latest job and passes on its results; what an earlier one still says is dropped."""

    def __init__(self, on_result: Callable[[Any], None]) -> None:
        """`on_result` is called from the job's thread."""
        self._on_result = on_result
        self._number = 0

    def begin(self, job: Job) -> None:
        """Starts it; the job before is given up."""
        self._number += 1
        threading.Thread(target=self._run, args=(self._number, job), name="job", daemon=True).start()

    def cancel(self) -> None:
        """Nobody waits for a result any more."""
        self._number += 1

    def _run(self, number: int, job: Job) -> None:
        for result in job():
            if number != self._number:
                return
            if result is not None:
                self._on_result(result)
