"""The journal file as the uplink sees it: it may not be there yet, and another one may take its place."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge.journal.reader import JournalReader


class NotReadable(Exception):
    """There is no journal to read at this moment."""


class Source:
    """Opens the journal when it is there, and anew when the file was replaced (a restored backup)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader: JournalReader | None = None
        self._file: tuple[int, int] | None = None

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

    def close(self) -> None:
        """Give the file back."""
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
