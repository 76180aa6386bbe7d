"""One writer: what waits together is committed together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from queue import SimpleQueue
from typing import Final

import structlog

from edge.errors import JournalBroken, JournalDamaged, JournalError, Refusal, StorekeeperError
from edge.journal import streams, unknown
from edge.journal.entry import GENESIS, Clock, ClockStep, Entry, Fact, Ids, entry_hash, tag
from edge.journal.fact_encoding import body_of
from edge.journal.jobs import Deliver, Group, Job, Work
from edge.journal.schema import BUSY_MS, COLUMNS
from edge.journal.storage import error_for_caller, fault_of
from edge.journal.transaction import Projections, Rows, Tx

log = structlog.get_logger(__name__)

TIDY_MS: Final = 50
"""How long emptying the database's log waits for readers, before it is put off to the next commit."""
LULL_S: Final = 0.1
"""So long nobody has written when the log is carried into the file."""
CARRIED_FACTS: Final = 500
"""For fewer the log is not carried: each time costs the disk two flushes, and pages that soon change again."""
GROUP: Final = 256
"""At most so many decisions share one commit: it bounds how long they keep the event loop from other work."""

_INSERT = f"INSERT INTO entries ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)"  # noqa: S608 - our own columns
_tags: dict[type[Fact], str] = {}


class Writer:
    """Owns the write connection. Decisions run one after the other, in the order they were given.

    They run on the event loop: each statement takes microseconds, and in a thread would wait for the interpreter lock
    longer than it works. What takes long is the flush: the commit has a thread of its own, and whoever comes meanwhile
    shares the next one.

    Whatever a decision or the applying of its facts raises is its caller's. What the storage raises fails the whole
    group, and nothing of it is answered as done.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        nouns: Projections,
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
        deliver: Deliver,
        followed: Callable[[ClockStep], Fact] | None = None,
    ) -> None:
        """`followed` makes the fact that says that the clock's jump is followed from there on."""
        self._followed = followed
        self._connection = connection
        self._applies = nouns.applies
        self._readers = nouns.readers
        self._nouns = nouns
        self._scarce = False
        self.look_again()
        self.clock = clock
        self._loop = loop
        self._deliver = deliver
        self._ids = Ids()
        self._rows = Rows(connection)
        self._waiting: deque[Job] = deque()
        self._alone: deque[Group] = deque()
        self._busy = False
        """Whether a transaction is on its way to the disk, or about to be made."""
        self._flushes: SimpleQueue[Group | None] = SimpleQueue()
        self._flushed: deque[Group] = deque()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._untidy = False
        """Whether the database's log holds what was destroyed."""
        self._lull: asyncio.TimerHandle | None = None
        self._broken: JournalBroken | None = None
        self._refusing = ""  # why nothing is recorded any more
        self.stream = streams.streams(connection)[-1].id
        self._fence_floor = streams.fence_floor(streams.generation(connection))
        last = connection.execute("SELECT sequence, hash, id FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
        self.sequence: int = last["sequence"] if last else 0
        self._carried = self.sequence
        """The newest entry when the log was carried into the file."""
        self._hash: bytes = last["hash"] if last else GENESIS

    def look_again(self) -> None:
        """Take over what the tables hold of facts that this build does not know."""
        self._held = unknown.held(self._connection)
        self._guard = self._admit if self._held or self._scarce else None

    def set_scarce(self, scarce: bool) -> None:
        """Take, or take no more, only what money, people and openings need: the disk is nearly full."""
        self._scarce = scarce
        self._guard = self._admit if self._held or self._scarce else None

    def _admit(self, fact: Fact) -> bool:
        """Whether it is recorded. Raises `Refusal`."""
        kind, nouns = type(fact), self._nouns
        if self._held and kind in nouns.guarded:
            touched = unknown.touched(self._all_of(unknown.subjects_of(fact)), self._held)
            if touched is not None:
                raise Refusal("held", kind=touched[0], subject=touched[1])
        if self._scarce and kind in nouns.deferred:
            raise Refusal("disk_full")
        return not (self._scarce and kind in nouns.telemetry)

    def _all_of(self, named: set[unknown.Subject]) -> set[unknown.Subject]:
        """The same, with whatever else each of them is."""
        asked = [(kind, subject, self._nouns.also[kind]) for kind, subject in named if kind in self._nouns.also]
        return named.union(
            (kind, row[0]) for kind, subject, query in asked for row in self._connection.execute(query, (subject,))
        )

    def start(self) -> None:
        """Begin to take decisions."""
        self._thread.start()

    def refuse(self, why: str) -> None:
        """Record nothing more: the file is not what was written."""
        self._refusing = why

    def distrust(self, fault: JournalBroken) -> None:
        """Promise nothing more: after a failed fsync a retry that succeeds proves nothing."""
        self._broken = fault

    def _check(self) -> None:
        """Raises `JournalDamaged` or `JournalBroken` where nothing is written to the file any more."""
        if self._refusing:
            raise JournalDamaged(self._refusing)
        if self._broken:
            raise JournalBroken(str(self._broken))

    def put(self, job: Job) -> None:
        """Queue a decision; `deliver` gets it back when it is durable, or failed."""
        self._waiting.append(job)
        self._wake()

    def run_exclusively(self, work: Work, done: Callable[[BaseException | None], None]) -> None:
        """Give the connection to `work` between two commits, in the thread that flushes; `done` hears how it ended."""
        self._alone.append(Group([], 0, b"", work=work, done=done))
        self._wake()

    def _wake(self) -> None:
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._next)  # not at once: who asks in the same turn shares the commit

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        if self._lull is not None:
            self._lull.cancel()
        self._flushes.put(None)
        self._thread.join()
        self._finish()
        while self._waiting:
            self._open([self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))], self._flush_here)

    def _work(self) -> None:
        while (group := self._flushes.get()) is not None:
            self._flush(group)
            with suppress(RuntimeError):  # the loop is closed: `stop` finishes what was flushed
                self._loop.call_soon_threadsafe(self._landed)

    def _flush(self, group: Group) -> None:
        try:
            if group.work is not None:
                self._check()
                group.work(self._connection)
            else:
                self._connection.execute("COMMIT")
            if self._untidy:
                self._checkpoint()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the group must come back
            group.error = error
        self._flushed.append(group)

    def _checkpoint(self) -> None:
        """Carry the log into the file and empty it: what was destroyed is in no file then. Readers may put it off."""
        self._connection.execute(f"PRAGMA busy_timeout={TIDY_MS}")
        try:
            self._untidy = bool(self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.OperationalError as error:
            # The commit has held, whatever this is: it is tried again with the next one.
            log.warning("journal.untidy", error=str(error))
        finally:
            self._connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")

    def _flush_here(self, group: Group) -> None:
        self._flush(group)
        self._finish()

    def _landed(self) -> None:
        try:
            self._finish()
        finally:
            # Two turns later, so that what came in during the flush shares the next commit: 5 % more at 16 callers.
            self._loop.call_soon(self._loop.call_soon, self._next)

    def _finish(self) -> None:
        """Tell what came of the commits that have returned."""
        while self._flushed:
            group = self._flushed.popleft()
            if group.done is not None:
                group.done(group.error)
                continue
            if group.error is not None:
                self._lose(group, group.error, flushed=True)
            elif group.step is not None:
                self.clock.follow(group.step)
            self._deliver(group.jobs, group.error is None)

    def _next(self) -> None:
        """Make the next transaction of what waits, if anything does."""
        flushing = False
        try:
            if self._alone:
                self._flushes.put(self._alone.popleft())
                flushing = True
            while self._waiting and not flushing:
                jobs = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
                flushing = self._open(jobs, self._flushes.put)
        finally:
            self._busy = flushing
        if not flushing and self._lull is None and self.sequence - self._carried >= CARRIED_FACTS:
            self._lull = self._loop.call_later(LULL_S, self._carry, self.sequence)

    def _carry(self, sequence: int) -> None:
        """Carry the log into the file, where nobody has written since: in a rush, a commit does it much later."""
        self._lull = None
        if self._busy or self.sequence != sequence:
            return
        self._carried = sequence
        self.run_exclusively(
            lambda connection: connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone(),
            lambda error: log.warning("journal.log_not_carried", error=str(error)) if error else None,
        )

    def _open(self, jobs: list[Job], flush: Callable[[Group], None]) -> bool:
        """Run decisions in one transaction and pass it on to be flushed. False when it ended without a flush."""
        group = Group(jobs, self.sequence, self._hash)
        if self._followed is not None and (step := self.clock.step()) is not None:
            # First of all, so that nothing is decided by the new time before what runs has moved with it.
            fact, group.step = self._followed(step), step
            group.jobs = [Job(lambda tx: tx.emit(fact), self._loop.create_future()), *jobs]
        try:
            self._fill(group)
            if group.rows or group.wrote:
                flush(group)
                return True
            self._roll_back(group)
        except BaseException as error:  # noqa: BLE001 - the writer outlives whatever this was
            self._lose(group, error)
        self._deliver(jobs, False)
        return False

    def _fill(self, group: Group) -> None:
        """Run the decisions in one transaction. Where one of them spoils it, again without that one.

        The second time each has a savepoint to go back to, which the first time would cost everybody.
        """
        self._check()
        apart = False
        while True:
            self._connection.execute("BEGIN IMMEDIATE")
            # One cursor for all: making one costs as much as a look-up. Closed before the commit, so that no unfinished
            # read holds the log open.
            with closing(self._connection.cursor()) as cursor:
                whole = self._run(group, cursor, apart=apart)
            if whole:
                return
            self._roll_back(group)
            apart = True

    def _run(self, group: Group, cursor: sqlite3.Cursor, *, apart: bool) -> bool:
        """Run each decision that has not failed, and apply its facts. False when the transaction is spoilt."""
        wall, mono = max(0, self.clock.wall_ms()), self.clock.mono_ms()  # a clock may stand before 1970
        take = self._take_apart if apart else self._take
        for job in group.jobs:
            if job.error is None and not take(
                job, Tx(cursor, wall, self._ids.new, self._guard, self._fence_floor), mono, group
            ):
                return False
            if group.step is not None and job is group.jobs[0]:
                wall += group.step.by_ms if job.error is None else 0
                group.step = group.step if job.error is None else None
        if not self._connection.in_transaction:
            return False
        if group.rows and not apart:
            try:
                self._connection.executemany(_INSERT, group.rows)
            except Exception as error:
                if fault_of(error):
                    raise
                return False  # one of the rows: which, the second run tells
        return True

    def _take(self, job: Job, tx: Tx, mono: int, group: Group) -> bool:
        """Decide and apply. False when that left something half done in the transaction."""
        applying = False
        try:
            job.result = job.decision(tx)
            if not self._connection.in_transaction:
                self._blame(job, JournalError("the decision ended the transaction that it was to be committed with"))
                return False
            if tx.emitted or tx.wrote:
                applying = True
                self._apply(job, tx, mono, group)
        except BaseException as error:  # noqa: BLE001 - its caller's, whatever it is
            self._blame(job, error)
            return not applying and self._connection.in_transaction
        return True

    def _take_apart(self, job: Job, tx: Tx, mono: int, group: Group) -> bool:
        """The same with a savepoint. False when the transaction itself is gone."""
        sequence, previous, count = self.sequence, self._hash, len(group.rows)
        self._connection.execute("SAVEPOINT decision")
        if self._take(job, tx, mono, group):
            try:
                self._connection.executemany(_INSERT, group.rows[count:])
            except Exception as error:  # noqa: BLE001 - its caller's, whatever it is
                self._blame(job, error)
        if not self._connection.in_transaction:
            return False
        if job.error is not None:
            self._connection.execute("ROLLBACK TO decision")
            self.sequence, self._hash, job.entries = sequence, previous, []
            del group.rows[count:]
        self._connection.execute("RELEASE decision")
        return True

    def _blame(self, job: Job, error: BaseException) -> None:
        """Note what a decision, or the applying of its facts, raised. Raises it again where the storage is at fault."""
        if fault_of(error):
            raise error
        job.error, job.result = error_for_caller(error), None
        if not isinstance(error, StorekeeperError):
            with suppress(Exception):  # an error that cannot be printed is no reason to stop
                log.error("decision.failed", decision=getattr(job.decision, "__qualname__", "?"), exc_info=error)

    def _apply(self, job: Job, tx: Tx, mono: int, group: Group) -> None:
        """Carry what a decision emitted into the tables."""
        stream, boot, wall = self.stream, self.clock.boot, tx.now
        for identity, fact in tx.emitted:
            kind = type(fact)
            name = _tags.get(kind) or _tags.setdefault(kind, tag(kind))
            body, sequence = body_of(fact), self.sequence + 1
            digest = entry_hash(self._hash, stream, sequence, identity, wall, mono, boot, body)
            row = (sequence, stream, identity, name, wall, mono, boot, body, digest)
            # Applied is what a later rebuild will read, not what was given: 10 is not 10.0, and NaN is nothing.
            placed = Entry(*row), self._readers[name](body)
            self._applies[name](self._rows, *placed)
            group.rows.append(row)
            job.entries.append(placed)
            self.sequence, self._hash = sequence, digest
        if tx.wrote or tx.aside:
            group.wrote = group.wrote or tx.wrote
            self._untidy = self._untidy or tx.tidy
            for statement, values in tx.aside:
                self._rows.run(statement, values)
        if not self._connection.in_transaction:
            raise JournalError("the facts ended the transaction that they belong to")

    def _roll_back(self, group: Group) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self.sequence, self._hash, group.wrote = group.sequence, group.previous, False
        group.rows.clear()
        for job in group.jobs:
            job.entries = []

    def _lose(self, group: Group, error: BaseException, *, flushed: bool = False) -> None:
        """A whole group failed: by the storage, or by a mistake of ours. Nobody in it is told that it is done."""
        fault = error if isinstance(error, JournalDamaged) else fault_of(error)
        try:
            self._roll_back(group)
        except sqlite3.Error as worse:
            fault = JournalBroken(f"what failed could not be taken back: {worse}")
        if fault is None and flushed:
            # Whether it is on the disk, nobody knows; what follows would be chained to it.
            fault = JournalBroken(f"a commit ended in an unknown way: {type(error).__name__}: {error}")
        if isinstance(fault, JournalBroken):
            self.distrust(fault)
        for job in group.jobs:
            job.error, job.result, job.entries = fault or error_for_caller(error), None, []
        with suppress(Exception):
            log.error("journal.failed", error=str(fault or error), exc_info=None if fault else error)
