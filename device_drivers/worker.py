"""The one thread on which a device's driver is called, so that a blocking driver never stops the network."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)
T = TypeVar("T")


class Worker:
    """Does one task after the other, in order."""

    def __init__(self, device: str, idle: Callable[[], None], idle_s: float = 10.0) -> None:
        """`idle` is called when nothing came for `idle_s` seconds."""
        self._device = device
        self._idle = idle
        self._idle_s = idle_s
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"{device}-worker", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def submit(self, task: Callable[[], None]) -> None:
        """Queues a task; returns at once."""
        self._tasks.put(task)

    def waiting(self) -> int:
        """How many tasks wait."""
        return self._tasks.qsize()

    def stop(self, patience_s: float) -> bool:
        """Ends after what is queued; False where that took longer than `patience_s` seconds and the thread was left
        behind.
        """
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                task = self._tasks.get(timeout=self._idle_s)
            except queue.Empty:
                task = self._idle
            if task is None:
                return
            self.attempt(task, None)

    def attempt(self, call: Callable[[], T], otherwise: T) -> T:
        """What `call` returns, or `otherwise` where the driver's own code fails."""
        try:
            return call()
        except Exception:
            # The one place where a stranger's code runs: whatever it raises ends here, with its traceback, and the
            # device lives.
            log.exception("%s: the driver failed", self._device)
            return otherwise
