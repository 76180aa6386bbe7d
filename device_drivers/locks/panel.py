"""The lock boards on one wire: asked in turn how their locks are, and told to open one.

A pulse goes out once. Reads are repeated as often as need be, and never make a pulse wait longer than one reply takes.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.locks.unlocking import UnlockEnd, Unlocking
from device_drivers.transports.wire import TooLate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from device_drivers.locks.board import Board, Lock, Reading
    from device_drivers.transports.wire import Wire

    Listener = Callable[[Reading | None], None]

log = logging.getLogger(__name__)

FAST_POLL_S: Final = 0.05
"""How often a board is asked while one of its locks is being opened, in seconds."""
TRIES: Final = 3
"""Asked this often without a reply, a board counts as mute."""
MUTE_S: Final = 1.0
"""How often a mute board is asked, in seconds."""
MAX_UNANSWERED: Final = 10
"""When no board has answered so many times, the port itself is opened anew: a dead TCP connection looks like this."""
REOPEN_S: Final = 1.0
"""How often a port that is not there is tried, in seconds."""


class Rhythm(msgspec.Struct, frozen=True):
    """How a board is asked."""

    poll_s: float = 0.5
    """Every so many seconds while nothing is going on."""
    reply_s: float = 0.15
    """A reply begins and ends within so many seconds after the request."""


class _Watched(msgspec.Struct, eq=False):
    """A board, and what is known of it."""

    board: Board
    rhythm: Rhythm
    listeners: list[tuple[Listener, frozenset[int]]] = []
    """Who wants to know, and whose locks they are."""
    reading: Reading | None = None
    asked: float = 0.0
    """`time.monotonic()` when the newest reading was asked for."""
    pulsed: float = 0.0
    missed: int = 0
    untold: bool = True
    ready: bool = False
    """Whether it was told to leave no coil on since the port was opened."""
    due: float = 0.0
    hurry: int = 0

    def known(self) -> Reading | None:
        """What it said last; None where it has gone mute since."""
        return self.reading if self.missed < TRIES else None

    def fresh(self) -> bool:
        """Whether the newest reading is as young as the rhythm promises, and younger than the last pulse."""
        age = time.monotonic() - self.asked
        return not self.missed and self.asked > self.pulsed and age < self.rhythm.poll_s + self.rhythm.reply_s


class LockPanel:
    """Runs one thread that asks. Everything else may be called from any thread."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._boards: dict[Board, _Watched] = {}
        self._news = threading.Condition()
        self._ended = False
        self._said = ""
        self._thread = threading.Thread(target=self._run, name=f"panel {wire.url}", daemon=True)

    def start(self) -> None:
        """Begins to ask. The port may not be there yet."""
        self._thread.start()

    def stop(self) -> None:
        """Lets go of the port; returns within a second and a half, also where the port does not."""
        with self._news:
            self._ended = True
            self._news.notify_all()
        self._thread.join(1.5)

    def watch(self, board: Board, locks: Collection[int], rhythm: Rhythm, listener: Listener) -> None:
        """Has the listener told, on the panel's thread, what the board says whenever that changes; None where it says
        nothing. Raises `ValueError` where one of the locks is somebody else's.
        """
        with self._news:
            watched = self._boards.setdefault(board, _Watched(board, rhythm))
            for _, taken in watched.listeners:
                if both := taken & set(locks):
                    numbers = ", ".join(str(index + 1) for index in sorted(both))
                    raise ValueError(f"{board}: lock {numbers} belongs to another device")
            watched.listeners.append((listener, frozenset(locks)))
            watched.untold, watched.due = True, 0.0
            self._news.notify_all()

    def unwatch(self, listener: Listener) -> None:
        """Tells it nothing more; boards that nobody listens to are not asked any more."""
        with self._news:
            for board, watched in list(self._boards.items()):
                watched.listeners = [one for one in watched.listeners if one[0] != listener]
                if not watched.listeners:
                    del self._boards[board]

    def answers(self, board: Board) -> bool:
        """Whether the board has answered lately."""
        with self._news:
            return self._boards[board].known() is not None

    def unlock(
        self, lock: Lock, *, closed: bool, within_s: float, blind: bool = False, deadline: float = math.inf
    ) -> Unlocking:
        """Opens a lock whose contact reads `closed` when it is, and waits up to `within_s` seconds until it does not.

        At most one pulse, out by `deadline` (`time.monotonic()`), and only where the board answers first; `blind` does
        not look at the contact.
        """
        watched = self._boards[lock.board]
        with self._polling_fast(watched):
            try:
                before = self._look(watched)
            except OSError:
                return Unlocking(UnlockEnd.PORT_LOST, pulsed=False)
            if before is None:
                return Unlocking(UnlockEnd.NO_RESPONSE, pulsed=False)
            if not blind and before.contact(lock.index) != closed:
                return Unlocking(UnlockEnd.ALREADY, pulsed=False, reading=before)
            sent = self._pulse(watched, lock, deadline)
            if sent is UnlockEnd.PORT_LOST:
                return Unlocking(sent, pulsed=True)
            if blind or sent is UnlockEnd.EXPIRED:
                return Unlocking(sent, pulsed=sent is not UnlockEnd.EXPIRED, reading=before)
            return self._await_release(watched, lock, closed=closed, until=time.monotonic() + within_s)

    def _look(self, watched: _Watched) -> Reading | None:
        """A reading that may be acted upon."""
        if not self._wire.up:
            self._wire.open(urgent=True)
        for _ in range(TRIES):
            with self._news:
                if watched.fresh():
                    return watched.reading
            self._ask(watched, urgent=True)
        return watched.reading if watched.fresh() else None

    def _pulse(self, watched: _Watched, lock: Lock, deadline: float) -> UnlockEnd:
        """`RELEASED` where the board took it, as far as it says so."""
        with self._news:
            watched.pulsed = time.monotonic()
        frame, within_s = lock.pulse(), watched.rhythm.reply_s
        try:
            if not watched.board.answers_pulses:
                self._wire.send(frame, deadline)
            elif not self._wire.ask(frame, lock.acknowledged, within_s, urgent=True, repeats=True, before=deadline):
                return UnlockEnd.NO_RESPONSE
        except TooLate:
            return UnlockEnd.EXPIRED
        except OSError:
            return UnlockEnd.PORT_LOST
        return UnlockEnd.RELEASED

    def _await_release(self, watched: _Watched, lock: Lock, *, closed: bool, until: float) -> Unlocking:
        def released() -> bool:
            reading = watched.reading
            return watched.asked > watched.pulsed and reading is not None and reading.contact(lock.index) != closed

        with self._news:
            self._news.wait_for(lambda: self._ended or released(), until - time.monotonic())
            if released():
                end = UnlockEnd.RELEASED
            elif not self._wire.up:
                end = UnlockEnd.PORT_LOST
            elif watched.asked > watched.pulsed and watched.missed < TRIES:
                end = UnlockEnd.JAMMED
            else:
                end = UnlockEnd.NO_RESPONSE
            return Unlocking(end, pulsed=True, reading=watched.known() if watched.asked > watched.pulsed else None)

    @contextlib.contextmanager
    def _polling_fast(self, watched: _Watched) -> Iterator[None]:
        with self._news:
            watched.hurry += 1
            watched.due = min(watched.due, time.monotonic() + FAST_POLL_S)
            self._news.notify_all()
        try:
            yield
        finally:
            with self._news:
                watched.hurry -= 1

    # --- asking ---

    def _run(self) -> None:
        while not self._ended:
            if (watched := self._next()) is not None:
                with contextlib.suppress(OSError):
                    self._ask(watched)
            self._notify()
        self._wire.close()

    def _next(self) -> _Watched | None:
        """The board whose turn it is, when it is; None where there is something else to do."""
        if not self._open_wire():
            return None
        with self._news:
            watched = min(self._boards.values(), key=lambda one: one.due, default=None)
            wait = REOPEN_S if watched is None else watched.due - time.monotonic()
            if wait <= 0 or self._ended:
                return watched
            self._news.wait(wait)
            return None

    def _open_wire(self) -> bool:
        try:
            self._wire.open()
        except OSError as error:
            self._log_once(f"port lost: {error}")
            self._lost()
            with self._news:
                if not self._ended:
                    self._news.wait(REOPEN_S)
            return False
        self._log_once("")
        return True

    def _ask(self, watched: _Watched, *, urgent: bool = False) -> None:
        """Asks a board, once, and notes what it said. Raises `OSError`, and has noted that too."""
        board, asked = watched.board, time.monotonic()
        try:
            if not watched.ready and (frame := board.on_opening()) is not None:
                within_s = watched.rhythm.reply_s
                self._wire.ask(frame, lambda heard: frame in heard or None, within_s, urgent=urgent, repeats=True)
            watched.ready = True
            expected = not watched.missed
            reading = self._wire.ask(
                board.request(), board.reading, watched.rhythm.reply_s, urgent=urgent, expected=expected
            )
        except OSError:
            self._lost()
            raise
        with self._news:
            self._note(watched, reading, asked)

    def _note(self, watched: _Watched, reading: Reading | None, asked: float) -> None:
        if reading is None:
            watched.missed += 1
            watched.untold |= watched.missed == TRIES
        else:
            watched.untold |= watched.known() != reading
            watched.reading, watched.asked, watched.missed = reading, asked, 0
        usual = watched.rhythm.poll_s if watched.missed < TRIES else MUTE_S
        watched.due = time.monotonic() + (FAST_POLL_S if watched.hurry else usual)
        if all(one.missed >= MAX_UNANSWERED for one in self._boards.values()):
            for one in self._boards.values():
                one.missed = TRIES
            self._wire.close()
        self._news.notify_all()

    def _lost(self) -> None:
        with self._news:
            for watched in self._boards.values():
                watched.untold |= watched.missed < TRIES
                watched.missed, watched.ready, watched.due = TRIES, False, 0.0
            self._news.notify_all()

    def _notify(self) -> None:
        """Listeners may write to a disk: nothing is locked, and no pulse waits for them."""
        with self._news:
            heard = [one for one in self._boards.values() if one.asked or one.missed >= TRIES]
            untold = [(listener, one.known()) for one in heard if one.untold for listener, _ in one.listeners]
            for one in heard:
                one.untold = False
        for listener, reading in untold:
            listener(reading)

    def _log_once(self, what: str) -> None:
        if what != self._said:
            log.warning("%s: %s", self._wire.url, what or "back")
            self._said = what
