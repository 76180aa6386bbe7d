"""The world around a simulated device: what happens to it by itself, and what people do to it.

A person (or the demo) acts by creating a file `<device folder>/world/<action>`; it is consumed within 0.2 s.
A device saves its physical state in `<device folder>/things.json`, so that it outlives the process.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

POLL_S: Final = 0.2

Saved = TypeVar("Saved", bound=msgspec.Struct)


class World:
    """One thread on which every callback runs, one at a time."""

    def __init__(self, folder: Path, on_action: Callable[[str], None]) -> None:
        """`on_action` gets the name of each action."""
        self._folder = folder / "world"
        self._saved = folder / "things.json"
        self._on_action = on_action
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=f"{folder.name}-world", daemon=True)

    def start(self) -> None:
        """Starts the thread. Actions from before the start are discarded."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in self._pending_actions():
            file.unlink(missing_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; what is still scheduled is not called."""
        with self._wake:
            self._ended = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(2)

    def save(self, state: msgspec.Struct) -> None:
        """Saves the physical state atomically: a process that is killed leaves the old or the new one."""
        self._saved.parent.mkdir(parents=True, exist_ok=True)
        new = self._saved.with_suffix(f".{threading.get_ident()}")
        new.write_bytes(msgspec.json.encode(state))
        new.replace(self._saved)

    def load(self, kind: type[Saved]) -> Saved | None:
        """The state that an earlier process saved; None where there is none, or where it cannot be read."""
        try:
            return msgspec.json.decode(self._saved.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s is put aside: %s", self._saved, error)
            return None

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Calls `callback` in so many seconds. Returns at once, from any thread."""
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), callback))
            self._wake.notify()

    def _run(self) -> None:
        look = time.monotonic()
        while True:
            with self._wake:
                until = min(look, self._due[0][0]) if self._due else look
                if not self._ended and (rest := until - time.monotonic()) > 0:
                    self._wake.wait(rest)
                if self._ended:
                    return
                now = time.monotonic()
                due = []
                while self._due and self._due[0][0] <= now:
                    due.append(heapq.heappop(self._due)[2])
            for callback in due:
                callback()
            if now >= look:
                look = now + POLL_S
                for file in self._pending_actions():
                    self._on_action(file.name)
                    file.unlink(missing_ok=True)  # afterwards: whoever sees it gone finds the world as it is then

    def _pending_actions(self) -> list[Path]:
        """The actions that wait, oldest first."""
        try:
            return sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        except OSError as error:
            log.warning("%s cannot be read: %s", self._folder, error)
            return []
