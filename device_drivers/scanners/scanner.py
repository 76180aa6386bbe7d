"""A scanner, however it is connected: one that is not there, goes away or fails is looked for until it is back."""

from __future__ import annotations

import logging
import math
import threading
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from device_drivers.contract import DesiredBody, Instruction
from device_drivers.driver import NOT_MINE, Result, State

if TYPE_CHECKING:
    from device_drivers.driver import Report

log = logging.getLogger(__name__)

REOPEN_S: Final = 1.0
"""How often a scanner that is not there is looked for, in seconds."""
STOP_S: Final = 1.5
"""How long `stop` waits for the thread."""


class Scanner(ABC):
    """A `Driver` of kind `scanner`, with a thread that listens. State: `online` says whether the scanner is there."""

    kind = "scanner"
    capabilities: tuple[str, ...] = ()
    absent = "no scanner"
    """How the log begins to say that it is not there."""

    def __init__(self) -> None:
        self._there = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def listen(self) -> None:
        """Opens the scanner and reports what it reads, until `_ended`.

        MUST say by `_is_there` when it is there, and raise `OSError` when it is not (any more). Runs on the scanner's
        thread.
        """

    def pause_s(self, listened_s: float) -> float:  # noqa: ARG002 - a scanner that is costly to open waits longer
        """How long to wait before it is opened again, after it was listened to for so long. MAY be overridden."""
        return REOPEN_S

    def start(self, report: Report) -> None:
        """Begins to listen; the scanner may come later."""
        self._report = report
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name=self.kind, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lets go of it."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def state(self) -> State:
        """Whether it is there."""
        return State(online=self._there)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        """A scanner does nothing that it is told."""
        return NOT_MINE

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A scanner shows nothing."""
        raise ValueError("a scanner has nothing to show or to set")

    def _run(self) -> None:
        said = ""
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                self.listen()
            except Exception as error:  # a fault of our own must not end the thread either
                if self._there or repr(error) != said:
                    said = repr(error)
                    log.warning("%s: %s", self.absent, error, exc_info=not isinstance(error, OSError))
                self._is_there(there=False)
            self._ended.wait(self.pause_s(time.monotonic() - began))

    def _is_there(self, *, there: bool) -> None:
        self._there = there
        self._report.state(self.state())
