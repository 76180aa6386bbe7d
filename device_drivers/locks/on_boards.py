"""What a bank and a dock on lock boards share: the wire, which others use too, and how a lock is asked to open."""

from __future__ import annotations

import functools
import math
import threading
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from device_drivers.contract import DesiredBody, Identify, Instruction, Unlock
from device_drivers.driver import NOT_MINE, Claim, Outcome, Reason, Result
from device_drivers.transports import from_url, port_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from device_drivers.driver import Report
    from device_drivers.locks.board import Board, Lock, Reading
    from device_drivers.locks.panel import LockPanel
    from device_drivers.locks.panels import Panels
    from device_drivers.locks.unlocking import Unlocking
    from device_drivers.locks.wiring import Wiring

GRACE_S: Final = 10.0
"""What opens this long after its unlocking gave up was still opened by it; later it was forced. In seconds."""


class OnBoards(ABC):
    """A `Driver` whose locks hang on lock boards, but for what its locks mean."""

    capabilities = ("unlock", "identify")

    def __init__(self, locks: Iterable[Lock], wiring: Wiring, line: tuple[int, float], panels: Panels) -> None:
        """`line` is the usual baud rate and the silence between frames in seconds. It claims its locks alone: the wire
        is shared by all that speak the same on it.

        Raises `ValueError` for settings that cannot work.
        """
        from_url(wiring.url)
        url, found = wiring.url, tuple(locks)
        self.claims = tuple(
            Claim(port_of(url), f"{type(lock.board).__module__} {url}", f"lock {lock.board.address}/{lock.index + 1}")
            for lock in found
        )
        self._wiring, self._line, self._panels = wiring, line, panels
        self._boards: dict[Board, list[int]] = {}
        for lock in found:
            self._boards.setdefault(lock.board, []).append(lock.index)
        self._listeners = {board: functools.partial(self._on_reading, board) for board in self._boards}
        self._lock = threading.Lock()
        self._panel: LockPanel | None = None

    def start(self, report: Report) -> None:
        """Begins to ask the boards; the port may come later. Raises `ValueError` where a lock is another device's."""
        self._report = report
        panel = self._panels.join(self._wiring.url, *self._line)
        try:
            for board, indexes in self._boards.items():
                panel.watch(board, indexes, self._wiring.rhythm, self._listeners[board])
        except ValueError:
            self._leave(panel)
            raise
        self._panel = panel

    def stop(self) -> None:
        """Lets go of the boards."""
        panel, self._panel = self._panel, None
        if panel is not None:
            self._leave(panel)

    def _leave(self, panel: LockPanel) -> None:
        for hears in self._listeners.values():
            panel.unwatch(hears)
        self._panels.leave(self._wiring.url)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Opens one lock; `identify` says which boards answer."""
        panel = self._panel
        if panel is None:
            return Result(Outcome.FAILED, Reason.PORT_LOST)
        if isinstance(instruction, Identify):
            answers = {str(board): panel.answers(board) for board in self._boards}
            return Result(Outcome.DONE, None, {"boards": answers})
        return self._unlock(panel, instruction, deadline) if isinstance(instruction, Unlock) else NOT_MINE

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """Locks show nothing."""
        raise ValueError("a device on lock boards has nothing to show or to set")

    def _pulse(self, panel: LockPanel, lock: Lock, deadline: float, *, blind: bool) -> Unlocking:
        """Opens it and looks what comes of it."""
        closed, within = bool(self._wiring.closed_bit), self._wiring.release_s
        return panel.unlock(lock, closed=closed, within_s=within, blind=blind, deadline=deadline)

    def _forced_from(self) -> float:
        """Until when what is asked to open now may open without having been forced, by `time.monotonic()`."""
        return time.monotonic() + self._wiring.release_s + GRACE_S

    @abstractmethod
    def _unlock(self, panel: LockPanel, instruction: Unlock, deadline: float) -> Result:
        """Opens what the instruction names."""

    @abstractmethod
    def _on_reading(self, board: Board, reading: Reading | None) -> None:
        """On the panel's thread: what a board says now; None where it is silent."""
