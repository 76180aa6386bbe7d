"""A scanner, however it is connected: codes become events, and a scanner that was unplugged is found again."""

from __future__ import annotations

import codecs
import logging
import math
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from device_drivers.contract import DesiredBody, Instruction
from device_drivers.driver import NOT_MINE, Result, State
from device_drivers.scanners.codes import scanned

if TYPE_CHECKING:
    from device_drivers.driver import Report

log = logging.getLogger(__name__)

LOOK_S: Final = 0.1
"""How long a read waits, in seconds; so long does `stop` take."""
REOPEN_S: Final = 1.0
"""How often a scanner that is not there is looked for, in seconds."""


class Source(Protocol):
    """Where codes come from. `OSError` from `open` or `codes` means that it is not there (any more)."""

    def open(self) -> None:
        """Opens it anew."""

    def codes(self, until: float) -> list[bytes]:
        """Those that were completed before `time.monotonic()` reads `until`; it returns early where there are some."""

    def close(self) -> None:
        """Lets go of it; never raises."""


class Scanner:
    """A `Driver` of kind `scanner`. Event: `scanned`. State: `online` says whether the scanner is there."""

    kind = "scanner"
    capabilities = ()

    def __init__(self, source: Source, encodings: tuple[str, ...]) -> None:
        for encoding in encodings:
            try:
                codecs.lookup(encoding)
            except LookupError:
                raise ValueError(f"encodings: {encoding!r} is none that Python knows") from None
        self._source, self._encodings = source, encodings
        self._there = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, report: Report) -> None:
        """Begins to listen; the scanner may come later."""
        self._report = report
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lets go of it."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(1.5)

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
            try:
                self._source.open()
                said = ""
                self._is_there(there=True)
                self._listen()
            except OSError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("no scanner: %s", error)
                self._is_there(there=False)
            finally:
                self._source.close()
            self._ended.wait(REOPEN_S)

    def _listen(self) -> None:
        while not self._ended.is_set():
            for code in self._source.codes(time.monotonic() + LOOK_S):
                self._report.event(scanned(code, self._encodings))

    def _is_there(self, *, there: bool) -> None:
        self._there = there
        self._report.state(self.state())
