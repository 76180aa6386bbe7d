"""Tables made anew beside those in use, when only their rules have changed; then they change places."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import structlog

from edge.journal import tables
from edge.journal.entry import Entry
from edge.journal.packing import known_to
from edge.journal.reader import JournalReader
from edge.journal.schema import ENTRIES
from edge.journal.transaction import Projections
from edge.secrets import private

log = structlog.get_logger(__name__)

AT_ONCE: Final = 100
"""Facts between two pauses."""
NEAR: Final = 500
"""So many facts may be left for the moment in which writers wait."""


class BackgroundRebuild:
    """Applies every fact again in a thread and a file of its own, half of the time: shoppers come first."""

    def __init__(self, path: Path, nouns: Projections) -> None:
        self._path = path
        self._nouns = nouns
        self._file = path.with_name(f"{path.name}.anew")
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._replay: tables.Replay | None = None

    @property
    def count(self) -> int:
        """How many facts were applied."""
        return self._replay.count if self._replay else 0

    def begin(self, near: Callable[[], object]) -> None:
        """Start; `near` is called from the thread when hardly anything is left to apply."""
        self._thread = threading.Thread(target=self._run, args=(near,), name="tables anew", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Give up what is not done. The next start begins again."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._discard()

    def swap(self, writer: sqlite3.Connection) -> None:
        """Apply what came meanwhile, and put the tables where the old ones are. Runs between two commits."""
        connection, replay = self._connection, self._replay
        if connection is None or replay is None:
            raise RuntimeError("there is nothing to put in place")
        for row in writer.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence", (replay.last,)):
            replay.take(Entry(*row))
        connection.execute("COMMIT")
        connection.close()
        self._connection = None
        writer.execute("ATTACH ? AS anew", (str(self._file),))
        try:
            _take_over(writer, self._nouns)
        finally:
            writer.execute("DETACH anew")
            self._discard()

    def _run(self, near: Callable[[], object]) -> None:
        try:
            self._make()
        except Exception:
            log.exception("tables.not_anew", why="the old ones serve until the next start")
            return
        with suppress(RuntimeError):  # the event loop is closed
            near()

    def _make(self) -> None:
        self._discard()
        private.database(self._file)
        self._connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        known_to(self._connection)
        self._connection.execute("PRAGMA journal_mode=OFF")  # what is lost with the power is made again
        self._connection.execute("PRAGMA synchronous=OFF")
        tables.create(self._connection, self._nouns)
        self._connection.execute("BEGIN")
        with closing(JournalReader(self._path)) as reader:
            self._replay, _ = tables.begin(self._connection, self._nouns, reader.snapshot())
            for batch in _batches(reader, self._replay.last):
                began = time.monotonic()
                for entry in batch:
                    self._replay.take(entry)
                if self._ended.wait(time.monotonic() - began):
                    return

    def _discard(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._file.unlink(missing_ok=True)


def _batches(reader: JournalReader, place: int) -> Iterator[list[Entry]]:
    """From that entry on, until hardly any are left."""
    while True:
        batch = reader.after(place, AT_ONCE)
        if not batch:
            return
        place = batch[-1].sequence
        yield batch
        if reader.last()[0] - place < NEAR:
            return


def _take_over(writer: sqlite3.Connection, nouns: Projections) -> None:
    writer.execute("BEGIN IMMEDIATE")
    try:
        tables.clear(writer, nouns)
        tables.create(writer, nouns)
        for name in tables.names(nouns):
            writer.execute(f'INSERT INTO main."{name}" SELECT * FROM anew."{name}"')  # noqa: S608 - our own tables
        tables.record(writer, nouns)
        writer.execute("COMMIT")
    except BaseException:
        if writer.in_transaction:
            writer.execute("ROLLBACK")
        raise
