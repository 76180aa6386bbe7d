"""The world around a simulated device: time passes in it, and people reach into it.

A person (or the demo) reaches in by touching a file `<device folder>/world/<action>`; it is consumed within 0.2 s.
Things stay where they are when the process ends: a device keeps them in `<device folder>/things.json`.
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

LOOK_S: Final = 0.2

Things = TypeVar("Things", bound=msgspec.Struct)


class World:
    """One thread for everything that happens by itself. Callbacks run on it, one at a time."""

    def __init__(self, folder: Path, reach_in: Callable[[str], None]) -> None:
        """`reach_in` gets the name of each action."""
        self._folder = folder / "world"
        self._things = folder / "things.json"
        self._reach_in = reach_in
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=f"{folder.name}-world", daemon=True)

    def start(self) -> None:
        """Lets time begin. What people did while nobody looked is forgotten."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in self._lie_there():
            file.unlink(missing_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it; nothing that was planned happens any more."""
        with self._wake:
            self._ended = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(2)

    def keep(self, things: msgspec.Struct) -> None:
        """Writes down where everything lies, in one step: a process that is killed leaves the old or the new."""
        self._things.parent.mkdir(parents=True, exist_ok=True)
        new = self._things.with_suffix(f".{threading.get_ident()}")
        new.write_bytes(msgspec.json.encode(things))
        new.replace(self._things)

    def kept(self, kind: type[Things]) -> Things | None:
        """What an earlier process left; None where there was none, or where it cannot be read."""
        try:
            return msgspec.json.decode(self._things.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s is put aside: %s", self._things, error)
            return None

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Plans something. Returns at once, from any thread."""
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), happens))
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
                ripe = []
                while self._due and self._due[0][0] <= now:
                    ripe.append(heapq.heappop(self._due)[2])
            for happens in ripe:
                happens()
            if now >= look:
                look = now + LOOK_S
                for file in self._lie_there():
                    self._reach_in(file.name)
                    file.unlink(missing_ok=True)  # afterwards: whoever sees it gone finds the world as it is then

    def _lie_there(self) -> list[Path]:
        """The actions that wait, oldest first."""
        try:
            return sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        except OSError as error:
            log.warning("%s cannot be read: %s", self._folder, error)
            return []
