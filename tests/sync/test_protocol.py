"""The real uplink, wire format, journal and receiver's store under Hypothesis; only HTTP is a function call.

Requests and replies get lost, are repeated, and arrive long after; both sides are restarted, and restored from copies.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.journal.entry import GENESIS, Entry
from sync.client import CloudUnreachable, CursorMismatch
from sync.cloud import store as cloud_store
from sync.cloud.sqlite_store import SqliteStore
from sync.retry_pace import RetryPace
from sync.source import JournalSource
from sync.status import Status
from sync.uplink import Uplink
from sync.wire import Ack, Batch, Hello, HelloReply, first_break
from tests.rounds import rounds
from tests.sync.journals import JournalFile

SHM = Path("/dev/shm")
FATES = ["ok", "ok", "ok", "request lost", "reply lost", "twice", "held"]


class Line:
    """The network: decides the fate of each call, and keeps batches that may arrive once more at any time."""

    def __init__(self, machine: Protocol) -> None:
        self.machine = machine
        self.fate = "ok"
        self.overdue: list[Batch] = []
        self.time_told = None

    def hello(self, message: Hello) -> HelloReply:
        return self._call(lambda: self.machine.store.hello("s001", message, 0))

    def send(self, batch: Batch) -> Ack:
        self.overdue.append(batch)
        again = Batch.parse(batch.stream.hex(), {k.lower(): v for k, v in batch.headers().items()}, batch.content)
        if self.fate == "held":
            raise CloudUnreachable("lost for now")
        return self._call(lambda: self.machine.receive(again))

    def _call(self, call: Any) -> Any:
        if self.fate == "request lost":
            raise CloudUnreachable("request lost")
        if self.fate == "twice":
            call()
        reply = call()
        if self.fate == "reply lost":
            raise CloudUnreachable("reply lost")
        return reply


class Protocol(RuleBasedStateMachine):
    """Whatever happens: what the cloud has is a whole chain, and in the end it is the journal, or the fork is told."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHM if SHM.exists() else None))
        self.journal = JournalFile(self.folder / "storekeeper.db")
        self.store = SqliteStore(self.folder / "cloud.db")
        self.line = Line(self)
        self.backups: dict[str, int] = {"cloud": 0, "storekeeper": 0}
        self.start_uplink()

    def start_uplink(self) -> None:
        status = Status(self.folder / "sync.json")
        pace = RetryPace(0.0, random.Random(1))
        self.uplink = Uplink(JournalSource(self.journal.path), self.line, status, pace, heartbeat_s=1e9)
        self.report = status.report

    def receive(self, batch: Batch) -> Ack:
        try:
            return self.store.receive("s001", batch, 0)
        except cloud_store.ChainConflict as error:
            raise CursorMismatch(error.code, str(error)) from None

    @rule(count=st.sampled_from([1, 2, 3, 600]))
    def append(self, count: int) -> None:
        self.journal.append(count)

    @rule(fate=st.sampled_from(FATES))
    def exchange(self, fate: str) -> None:
        self.line.fate = fate
        self.uplink.turn()
        self.line.fate = "ok"

    @rule()
    def shelve(self) -> None:
        self.store.shelve()

    @precondition(lambda self: self.line.overdue)
    @rule(which=st.integers(0, 50))
    def arrive_late(self, which: int) -> None:
        with suppress(CursorMismatch):
            self.receive(self.line.overdue[which % len(self.line.overdue)])

    @rule()
    def restart_uplink(self) -> None:
        self.uplink._source.close()
        self.start_uplink()

    @rule()
    def copy_cloud(self) -> None:
        self._copy("cloud", self.store._write)

    @precondition(lambda self: self.backups["cloud"])
    @rule(which=st.integers(0, 9))
    def restore_cloud(self, which: int) -> None:
        self.store.close()
        self._restore("cloud", which)
        self.store = SqliteStore(self.folder / "cloud.db")

    @rule()
    def copy_journal(self) -> None:
        self._copy("storekeeper", self.journal.connection)

    @precondition(lambda self: self.backups["storekeeper"])
    @rule(which=st.integers(0, 9))
    def restore_journal(self, which: int) -> None:
        self.journal.close()
        self._restore("storekeeper", which)
        self.journal = JournalFile(self.folder / "storekeeper.db")

    def _copy(self, name: str, connection: Any) -> None:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.folder / f"{name}.db", self.folder / f"{name}.{self.backups[name]}")
        self.backups[name] += 1

    def _restore(self, name: str, which: int) -> None:
        for old in self.folder.glob(f"{name}.db*"):
            old.unlink()
        shutil.copy(self.folder / f"{name}.{which % self.backups[name]}", self.folder / f"{name}.db")

    @invariant()
    def the_cloud_has_a_whole_chain(self) -> None:
        rows = self._received()
        assert [entry.sequence for entry in rows] == list(range(1, len(rows) + 1))
        assert first_break(rows, GENESIS) is None
        assert self.store._write.execute("SELECT coalesce(max(cursor), 0) FROM streams").fetchone()[0] == len(rows)

    def teardown(self) -> None:
        self.uplink._heartbeat_s = 0.0
        before, journal = self._received(), self._journal()
        agree = before == journal[: len(before)]
        for _ in range(30):
            self.uplink.turn()
        if agree:
            assert self._received() == journal
            assert (self.report.state, self.report.acked) == ("ok", len(journal))
        else:
            assert self._received() == before
            assert self.report.state == "diverged"
        while self.store.shelve():
            pass
        overview = self.store.overview(10)
        assert sum(sum(store.counts.values()) for store in overview.stores) == len(self._received())
        self.uplink._source.close()
        self.journal.close()
        self.store.close()
        shutil.rmtree(self.folder)

    def _received(self) -> list[Entry]:
        rows = self.store._write.execute(
            """SELECT sequence, s.stream, id, '', wall_ms, mono_ms, boot, body, e.hash
               FROM entries e JOIN streams s ON s.key = e.stream ORDER BY sequence"""
        )
        return [Entry(*row) for row in rows]

    def _journal(self) -> list[Entry]:
        return [
            Entry(row[0], self.journal.stream, row[1], "", *row[2:])  # type: ignore[arg-type]
            for row in self.journal.entries()
        ]


TestProtocol = Protocol.TestCase
EXAMPLES = rounds(30)
TestProtocol.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
