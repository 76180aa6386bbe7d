"""The journal: `await write(decision)` and `after(sequence, limit)`."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from edge.errors import JournalBroken, JournalClosed, JournalError
from edge.journal import prepared, tables
from edge.journal.background_rebuild import BackgroundRebuild
from edge.journal.entry import Clock, ClockStep, Entry, Fact
from edge.journal.jobs import Job
from edge.journal.pulse import Pulse
from edge.journal.reader import JournalReader
from edge.journal.schema import checkpoint, open_writer
from edge.journal.storage import error_for_caller, fault_of
from edge.journal.streams import generation
from edge.journal.transaction import Projection, Projections, Reader, Tx
from edge.journal.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)

Watcher = Callable[[list[tuple[Entry, Fact]]], None]


class Journal:
    """Append-only log and its tables in one SQLite file. Open it inside the event loop that will use it."""

    def __init__(
        self,
        path: Path,
        nouns: Iterable[Projection],
        *,
        clock: Clock | None = None,
        followed: Callable[[ClockStep], Fact] | None = None,
    ) -> None:
        """`followed` makes the fact of a jump of the clock that is followed; only a clock that doubts needs it."""
        self.path = path
        self.nouns = Projections(nouns)
        self.pulse = Pulse(lambda room: self.write(Tx.beat, room))
        """Whether writes end."""
        self._endings: list[Callable[[], object]] = []
        self._watchers: list[Watcher] = []
        self._loop = asyncio.get_running_loop()
        self._closed, self._scarce, self._damaged = False, False, ""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = lock(path)
        try:
            self._connection = open_writer(str(path))
            state = tables.state(self._connection, self.nouns)
            if state == "other_tables" and prepared.take_over(self._connection, path, self.nouns):
                state = "as_wanted"
            self.rebuilt = tables.rebuild(self._connection, self.nouns) if state == "other_tables" else 0
            """How many facts were applied again at start because a noun's tables had changed."""
        except sqlite3.Error as error:
            os.close(self._lock)
            raise JournalBroken(f"{path} cannot be opened: {error}; is its disk full, or gone?") from error
        except JournalError:
            os.close(self._lock)
            raise
        self.generation = generation(self._connection)
        """Of the stream that it goes on in: 0 until the store was restored."""
        self._writer = Writer(self._connection, self.nouns, clock or Clock(), self._loop, self._deliver, followed)
        self.reads = Reader(path, self._writer.clock)
        """Committed rows, for questions outside of a decision."""
        self._entries = JournalReader(path)
        self._writer.start()
        self.pulse.begin()
        self._background = BackgroundRebuild(path, self.nouns) if state == "other_rules" else None
        self.swapped: asyncio.Future[int] = self._loop.create_future()
        """How many facts were applied again while the store served, because rules had changed; done when the tables
        are those of the new rules."""
        if self._background is None:
            self.swapped.set_result(0)
        else:
            self._background.begin(lambda: self._loop.call_soon_threadsafe(self._swap))

    @property
    def stream(self) -> bytes:
        """The stream that it goes on in."""
        return self._writer.stream

    @property
    def damaged(self) -> str:
        """Why nothing is recorded any more: what is wrong with the file; "" where nothing is."""
        return self._damaged

    def refuse(self, why: str) -> None:
        """Record nothing more, and serve what can be read: the file is not what was written."""
        self._damaged = why
        self._writer.refuse(why)

    @property
    def scarce(self) -> bool:
        """Whether only what money, people and openings need is taken, for want of space."""
        return self._scarce

    @scarce.setter
    def scarce(self, scarce: bool) -> None:
        self._scarce = scarce
        self._writer.set_scarce(scarce)

    @property
    def sequence(self) -> int:
        """The number of the newest entry."""
        return self._entries.last()[0]

    def write(
        self, decision: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[T]:
        """Run a decision in the next transaction. Await it: what it returns is durable then.

        Raises what the decision raised: a `Refusal` when it said no. `JournalHeldUp` when the storage took nothing,
        `JournalBroken`, `JournalClosed`.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        if self._closed:
            future.set_exception(JournalClosed("the journal is stopping"))
            return future
        call = (lambda tx: decision(tx, *args, **kwargs)) if args or kwargs else decision
        self._writer.put(Job(call, future))
        return future

    def run_exclusively(self, work: Callable[[sqlite3.Connection], None]) -> asyncio.Future[None]:
        """Give the connection to `work` between two commits, in the writer's thread. Await it: it has held then."""
        future: asyncio.Future[None] = self._loop.create_future()
        if self._closed:
            future.set_exception(JournalClosed("the journal is stopping"))
            return future

        def done(error: BaseException | None) -> None:
            found = None if error is None else fault_of(error) or error_for_caller(error)
            if isinstance(found, JournalBroken):
                self._writer.distrust(found)
                self.pulse.failed(found)
            if future.done():
                return
            if found is None:
                future.set_result(None)
            else:
                future.set_exception(found)

        self._writer.run_exclusively(work, done)
        return future

    def on_close(self, ending: Callable[[], object]) -> None:
        """Call `ending` when the journal closes: whoever works on its file in a thread gives up then."""
        self._endings.append(ending)

    def after(self, sequence: int, limit: int) -> list[Entry]:
        """At most `limit` entries that follow `sequence`, in order."""
        return self._entries.after(sequence, limit)

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` on the event loop with what each commit brought, in order, before its writers go on."""
        self._watchers.append(watcher)

    def close(self) -> None:
        """Finish what waits, then give the file back."""
        if self._closed:
            return
        self._closed = True
        for ending in self._endings:
            ending()
        self.pulse.end()
        self._writer.stop()
        if self._background is not None:
            self._background.end()
        self.reads.close()
        self._entries.close()
        self._checkpoint()
        self._connection.close()
        os.close(self._lock)

    def _checkpoint(self) -> None:
        """Whoever copies the file of a store that is closed has all of it, though sync keeps its log open."""
        try:
            whole = not self.pulse.broken.is_set() and not self._damaged and checkpoint(self._connection)
        except sqlite3.Error as error:
            whole = False
            log.warning("journal.log_left", error=str(error))
        if not whole:
            log.warning("journal.log_left", why="copy storekeeper.db-wal with storekeeper.db")

    def _swap(self) -> None:
        """The other tables are ready: between two commits they take the place of the old ones."""
        if self._background is not None and not self._closed:
            self._writer.run_exclusively(self._background.swap, self._swapped)

    def _swapped(self, error: BaseException | None) -> None:
        if self._background is None:
            return
        self._writer.look_again()
        if error is None:
            log.info("tables.anew", facts=self._background.count, why="the rules of a noun have changed")
            self.swapped.set_result(self._background.count)
        else:
            log.error("tables.not_anew", error=str(error), why="the old ones serve until the next start")
            self.swapped.set_exception(JournalError(f"the tables keep their old rules: {error}"))
            self.swapped.exception()  # who asks is told; nobody has to

    def _deliver(self, jobs: list[Job], landed: bool) -> None:
        """Tell the watchers what is durable, and each writer what came of it. What one of them raises is its own."""
        if landed:
            self.pulse.landed()
        fresh = [placed for job in jobs for placed in job.entries]
        if fresh:
            for watcher in self._watchers:
                try:
                    watcher(fresh)
                except BaseException:  # the facts are durable, and who wrote them waits
                    log.exception("watcher.failed", watcher=getattr(watcher, "__qualname__", "?"))
        for job in jobs:
            if job.error is not None:
                self.pulse.failed(job.error)
        _answer(jobs)


def _answer(jobs: list[Job]) -> None:
    for job in jobs:
        future: asyncio.Future[Any] = job.handle
        try:
            if future.done():
                continue
            if job.error is not None:
                future.set_exception(job.error)
            else:
                future.set_result(job.result)
        except RuntimeError:  # the loop of a caller that is gone
            log.warning("write.unheard", error=repr(job.error))


def lock(path: Path) -> int:
    """One process writes a journal. Raises `JournalError` when another one does."""
    handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise JournalError(f"{path}: another process writes this journal; stop it first") from None
    return handle
