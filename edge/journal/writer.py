"""One writer: what waits together is committed together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from queue import SimpleQueue
from typing import Any, Final

import msgspec
import structlog

from edge.errors import JournalBroken, JournalFull, StorekeeperError
from edge.journal.entry import GENESIS, Clock, Entry, Fact, Ids, link
from edge.journal.transaction import Nouns, Rows, Tx, tag

log = structlog.get_logger(__name__)

GROUP: Final = 256
"""At most so many decisions share one commit: it bounds how long they keep the event loop from other work."""

_INSERT = "INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?)"
_encode = msgspec.json.Encoder().encode
_tags: dict[type[Fact], str] = {}

_DISK = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_CANTOPEN")

Decision = Callable[[Tx], Any]


class Job(msgspec.Struct):
    """A decision on its way to the disk and back."""

    decision: Decision
    handle: Any
    """The caller's own, handed back with the job: the future that it waits on."""
    result: Any = None
    error: BaseException | None = None
    entries: tuple[tuple[Entry, Fact], ...] = ()


class _Group(msgspec.Struct):
    """Jobs that share a transaction, and what to go back to when it fails."""

    jobs: list[Job]
    sequence: int
    previous: bytes
    rows: list[tuple[Any, ...]] = []
    error: sqlite3.Error | None = None


Deliver = Callable[[list[Job]], None]


class Writer:
    """Owns the write connection. Decisions run one after the other, in the order they were given.

    They run on the event loop: each statement takes microseconds, and in a thread would wait for the interpreter lock
    longer than it works. What takes long is the flush: the commit has a thread of its own, and whoever comes meanwhile
    shares the next one.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        nouns: Nouns,
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
        deliver: Deliver,
    ) -> None:
        self._connection = connection
        self._applies = nouns.applies
        self._clock = clock
        self._loop = loop
        self._deliver = deliver
        self._ids = Ids()
        self._rows = Rows(connection)
        self._waiting: deque[Job] = deque()
        self._busy = False
        """Whether a transaction is on its way to the disk, or about to be made."""
        self._flushes: SimpleQueue[_Group | None] = SimpleQueue()
        self._flushed: deque[_Group] = deque()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._broken: JournalBroken | None = None
        self._stream: bytes = connection.execute("SELECT stream FROM streams ORDER BY first_sequence DESC").fetchone()[
            0
        ]
        last = connection.execute("SELECT sequence, hash, id FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
        self.sequence: int = last["sequence"] if last else 0
        self._hash: bytes = last["hash"] if last else GENESIS

    def start(self) -> None:
        """Begin to take decisions."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Queue a decision; `deliver` gets it back when it is durable, or failed."""
        self._waiting.append(job)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._next)  # not at once: who asks in the same turn shares the commit

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        self._flushes.put(None)
        self._thread.join()
        self._finish()
        while self._waiting:
            self._open([self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))], self._flush_here)

    def _work(self) -> None:
        while (group := self._flushes.get()) is not None:
            self._flush(group)
            self._loop.call_soon_threadsafe(self._landed)

    def _flush(self, group: _Group) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            group.error = error
        self._flushed.append(group)

    def _flush_here(self, group: _Group) -> None:
        self._flush(group)
        self._finish()

    def _landed(self) -> None:
        self._finish()
        # Two turns later, so that what came in during the flush shares the next commit: 5 % more at 16 callers.
        self._loop.call_soon(self._loop.call_soon, self._next)

    def _finish(self) -> None:
        """Tell what came of the commits that have returned."""
        while self._flushed:
            group = self._flushed.popleft()
            if group.error is not None:
                self._roll_back(group)
                self._fail(group.jobs, self._diagnose(group.error))
            self._deliver(group.jobs)

    def _next(self) -> None:
        """Make the next transaction of what waits, if anything does."""
        while self._waiting:
            jobs = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
            if self._open(jobs, self._flushes.put):
                return
        self._busy = False

    def _open(self, jobs: list[Job], flush: Callable[[_Group], None]) -> bool:
        """Run decisions in one transaction and pass it on to be flushed. False when it ended without a flush.

        Where one of them spoils the transaction, each of the others gets its own.
        """
        if self._broken:
            self._fail(jobs, self._broken)
            self._deliver(jobs)
            return False
        group = _Group(jobs, self.sequence, self._hash)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            spoiler = self._run(jobs, group.rows)
            if spoiler is None and group.rows:
                self._connection.executemany(_INSERT, group.rows)
                flush(group)
                return True
            self._roll_back(group)
            if spoiler is not None:
                self._singly(jobs, spoiler)
        except sqlite3.Error as error:
            self._roll_back(group)
            self._fail(jobs, self._diagnose(error))
        self._deliver(jobs)
        return False

    def _singly(self, jobs: list[Job], spoiler: Job) -> None:
        """A bug in one noun costs the others of its group their shared commit, here and now, and nothing else."""
        for job in jobs:
            if job is not spoiler:
                job.error = job.result = None
                self._open([job], self._flush)
                for group in self._flushed:
                    if group.error is not None:
                        self._roll_back(group)
                        self._fail(group.jobs, self._diagnose(group.error))
                self._flushed.clear()

    def _run(self, jobs: list[Job], rows: list[tuple[Any, ...]]) -> Job | None:
        """Run each decision and apply its facts. Returns the job whose facts could not be applied, if any."""
        wall, mono = self._clock.wall_ms(), self._clock.mono_ms()
        # One cursor for all: making one costs as much as a look-up. Closed before the commit, so that no unfinished
        # read holds the log open.
        with closing(self._connection.cursor()) as cursor:
            return self._run_each(jobs, rows, cursor, wall, mono)

    def _run_each(
        self, jobs: list[Job], rows: list[tuple[Any, ...]], cursor: sqlite3.Cursor, wall: int, mono: int
    ) -> Job | None:
        for job in jobs:
            tx = Tx(cursor, wall, self._ids.new)
            try:
                job.result = job.decision(tx)
            except sqlite3.Error:
                raise
            except Exception as error:  # a decision's fault is its caller's answer, never the thread's end
                job.error = error
                if not isinstance(error, StorekeeperError):
                    log.exception("decision.failed", decision=getattr(job.decision, "__qualname__", "?"))
                continue
            if tx.emitted and not self._apply(job, tx, wall, mono, rows):
                return job
        return None

    def _apply(self, job: Job, tx: Tx, wall: int, mono: int, rows: list[tuple[Any, ...]]) -> bool:
        """Carry what a decision emitted into the tables. False when the noun's tables would not take it."""
        try:
            job.entries = tuple([self._place(identity, fact, wall, mono, rows) for identity, fact in tx.emitted])
            for subject, wrapped in tx.keys:
                self._rows.run("INSERT OR IGNORE INTO person_keys VALUES (?,?)", (subject, wrapped))
        except (sqlite3.Error, LookupError, TypeError, ValueError) as error:
            if _disk(error):
                raise
            # The fact and the noun's tables disagree: a bug in that noun. It must not take the others with it.
            log.exception("fact.not_applied", decision=getattr(job.decision, "__qualname__", "?"))
            job.error = error
            return False
        return True

    def _place(
        self, identity: bytes, fact: Fact, wall: int, mono: int, rows: list[tuple[Any, ...]]
    ) -> tuple[Entry, Fact]:
        kind = type(fact)
        name = _tags.get(kind) or _tags.setdefault(kind, tag(kind))
        body, sequence = _encode(fact), self.sequence + 1
        stream, boot = self._stream, self._clock.boot
        digest = link(self._hash, stream, sequence, identity, wall, mono, boot, body)
        row = (sequence, stream, identity, name, wall, mono, boot, body, digest)
        entry = Entry(*row)
        self._applies[name](self._rows, entry, fact)
        rows.append(row)
        self.sequence, self._hash = sequence, digest
        return entry, fact

    def _roll_back(self, group: _Group) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self.sequence, self._hash = group.sequence, group.previous
        for job in group.jobs:
            job.entries = ()

    def _diagnose(self, error: sqlite3.Error) -> Exception:
        name = _errorname(error)
        if name.startswith("SQLITE_FULL"):
            log.error("journal.full", error=str(error))
            return JournalFull(f"no space to commit: {error}")
        if name.startswith(_DISK):
            # After a failed fsync a retry that succeeds proves nothing, so nothing more is promised by this process.
            self._broken = JournalBroken(f"{name}: {error}")
            log.critical("journal.broken", error=str(error), code=name)
            return self._broken
        log.error("journal.error", error=str(error), code=name)
        return error

    @staticmethod
    def _fail(jobs: list[Job], error: BaseException) -> None:
        for job in jobs:
            job.error, job.result, job.entries = error, None, ()


def _errorname(error: BaseException) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def _disk(error: BaseException) -> bool:
    """Whether the disk is to blame, and not the statement."""
    return _errorname(error).startswith(("SQLITE_FULL", *_DISK))
