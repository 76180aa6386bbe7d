"""Slow work of the screens, in threads: one job at a time for each that is shown."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from kiosk_ui.gateway import results

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kiosk_ui.screen import Job

log = logging.getLogger(__name__)


class JobFailed(Exception):
    """A job ended in a mistake of its own, which the log tells: nothing follows."""


class JobRunner:
    """Runs the latest job of each screen that is shown, and passes on its results; what an earlier one says is dropped.
    One that raises has a `JobFailed` as its last: whoever waits for it must not wait for ever. Where one after another
    raises the same, the log tells it once.

    What is shown is told apart by its key, a number that is never given twice.
    """

    def __init__(
        self, on_result: Callable[[int, Any], None], later: Callable[[Callable[[], None]], object] = lambda call: call()
    ) -> None:
        """`on_result` is called with the key that the job was begun for: from the job's thread, or by `later`, which
        brings it to another one. A job that was given up by then is not heard.
        """
        self._on_result = on_result
        self._later = later
        self._number = 0
        self._running: dict[int, int] = {}
        self._failed: tuple[int, str] | None = None
        """What failed last, and how."""

    def begin(self, key: int, job: Job) -> None:
        """Starts it; the job before of the same key is given up."""
        self._number += 1
        self._running[key] = self._number
        threading.Thread(target=self._run, args=(key, self._number, job), name="job", daemon=True).start()

    def keep(self, keys: Collection[int]) -> None:
        """Nobody waits for the results of any other."""
        for key in [key for key in self._running if key not in keys]:
            del self._running[key]

    def cancel(self) -> None:
        """Nobody waits for a result any more."""
        self.keep(())

    def _run(self, key: int, number: int, job: Job) -> None:
        try:
            for result in results(job):
                if self._running.get(key) != number:
                    return
                if result is not None:
                    self._later(partial(self._deliver, key, number, result))
            if self._failed and self._failed[0] == key:
                self._failed = None
        except Exception as error:
            failed = (key, repr(error))
            if failed != self._failed:
                log.exception("a job of a screen failed")
            self._failed = failed
            self._later(partial(self._deliver, key, number, JobFailed()))

    def _deliver(self, key: int, number: int, result: Any) -> None:
        if self._running.get(key) == number:
            self._on_result(key, result)
