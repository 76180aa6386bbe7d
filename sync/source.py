"""The journal as the uplink sees it: batches from a file that may not be there yet, or be replaced by another."""

from __future__ import annotations

import sqlite3
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from edge.journal.entry import Entry
from edge.journal.reader import JournalReader
from sync.wire import Batch, pack

MAX_BYTES: Final = 4 * 1024 * 1024
"""Bytes of bodies in a batch; a single entry may be larger."""


class NotReadable(Exception):
    """There is no journal to read at this moment."""


class JournalPage(msgspec.Struct, frozen=True):
    """Consecutive entries and the batch that carries them."""

    entries: list[Entry]
    batch: Batch


class JournalSource:
    """Opens the journal when it is there, and anew when the file was replaced (a restored backup)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader: JournalReader | None = None
        self._file: tuple[int, int] | None = None
        self._thread = ThreadPoolExecutor(1, "uplink-ahead")
        self._ahead: tuple[int, int, Future[JournalPage | None]] | None = None

    def reader(self) -> JournalReader:
        """The reader of the file that is there now. Raises `NotReadable`."""
        try:
            status = self.path.stat()
        except OSError:
            self.close()
            raise NotReadable(f"waiting for {self.path.name}") from None
        file = (status.st_dev, status.st_ino)
        if self._reader is None or file != self._file:
            self.close()
            self._reader, self._file = self._open(), file
        return self._reader

    def page(self, after: int, previous: bytes, size: int, parked: AbstractSet[int]) -> JournalPage | None:
        """At most `size` entries that follow `after`, packed; none when there are none."""
        if self._ahead is not None:
            wanted, ahead = (after, size), self._ahead
            self._ahead = None
            page = ahead[2].result()
            if ahead[:2] == wanted and page is not None and page.batch.previous == previous:
                return page
        return _page(self.reader(), after, previous, size, parked)

    def look_ahead(self, after: int, previous: bytes, size: int, parked: AbstractSet[int]) -> None:
        """Prepare a page in another thread, while the cloud is busy with the one before."""
        frozen = frozenset(parked)
        self._ahead = (after, size, self._thread.submit(_page, self.reader(), after, previous, size, frozen))

    def forget(self) -> None:
        """What was prepared is of no use: it is not known any more where the cloud is, or what it takes."""
        if self._ahead is not None:
            self._ahead[2].exception()  # the thread is done with the reader then
        self._ahead = None

    def close(self) -> None:
        """Give the file back."""
        self.forget()
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def _open(self) -> JournalReader:
        try:
            reader = JournalReader(self.path)
        except sqlite3.Error as error:
            raise NotReadable(f"{self.path.name} cannot be opened: {error}") from None
        try:
            reader.stream()
        except (sqlite3.Error, TypeError):  # the gateway has made the file and not its tables yet
            reader.close()
            raise NotReadable(f"waiting for {self.path.name} to be prepared") from None
        return reader


def _page(
    reader: JournalReader, after: int, previous: bytes, size: int, parked: AbstractSet[int]
) -> JournalPage | None:
    entries = _within_bytes(_of_one_stream(reader.after(after, size)))
    return JournalPage(entries, pack(entries, previous, parked)) if entries else None


def _of_one_stream(entries: list[Entry]) -> list[Entry]:
    """A batch is of one stream: up to where the journal goes on in another."""
    if not entries or entries[0].stream == entries[-1].stream:
        return entries
    return [entry for entry in entries if entry.stream == entries[0].stream]


def _within_bytes(entries: list[Entry]) -> list[Entry]:
    total = 0
    for number, entry in enumerate(entries):
        total += len(entry.body)
        if total > MAX_BYTES and number:
            return entries[:number]
    return entries
