"""Events that the gateway has not committed yet: numbered without gaps, kept on disk, given away in order."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import MAX_BYTES, Ack, Event, EventData, encode

if TYPE_CHECKING:
    from device_drivers.notes import Notes

log = logging.getLogger(__name__)

RESERVED_BYTES: Final = 64
"""Bytes that `Pending.at` adds to each message."""
MAX_PENDING: Final = 2000
"""How many unacknowledged events are kept; past this the oldest goes, with a line in the log."""


SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS events (
    place INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
    UNIQUE (boot, seq)
);
"""
"""What it needs of the notes."""


class Pending(msgspec.Struct, frozen=True):
    """An event waiting for its acknowledgement, as its bytes."""

    boot: str
    seq: int
    body: bytes

    def at(self, up_ms: int) -> bytes:
        """The message to send now, with `up_ms` of the device's own clock."""
        return b'%s,"up_ms":%d}' % (self.body[:-1], up_ms)


class Outbox:
    """The unacknowledged events of this boot and of earlier ones. Safe from any thread."""

    def __init__(self, notes: Notes, boot: str) -> None:
        self._notes = notes
        self._boot = boot
        self._lock = threading.Lock()
        self._seq = 0
        rows = notes.read("SELECT boot, seq, body FROM events ORDER BY place DESC LIMIT ?", MAX_PENDING)
        self._pending: deque[Pending] = deque(Pending(*row) for row in reversed(rows))

    def add(self, at: str, event_data: EventData) -> Pending:
        """Numbers an event and puts it on the disk. Raises `ValueError` where it is no event or over 64 KiB."""
        with self._lock:
            body = encode(Event(self._boot, self._seq + 1, at, event_data.type, event_data))
            if len(body) > MAX_BYTES - RESERVED_BYTES:
                most = f"{MAX_BYTES} bytes with {RESERVED_BYTES} to spare"
                raise ValueError(f"event {event_data.type!r}: at most {most}, got {len(body)}")
            self._seq += 1
            pending = Pending(self._boot, self._seq, body)
            self._pending.append(pending)
            dropped = self._pending.popleft() if len(self._pending) > MAX_PENDING else None
            self._store(pending, dropped)
        return pending

    def _store(self, pending: Pending, dropped: Pending | None) -> None:
        if dropped:
            log.error("%d events wait for the gateway: event %s/%d is given up", MAX_PENDING, dropped.boot, dropped.seq)
        try:
            with self._notes.write() as db:
                db.execute(
                    "INSERT INTO events (boot, seq, body) VALUES (?, ?, ?)",
                    (pending.boot, pending.seq, pending.body),
                )
                if dropped:
                    db.execute("DELETE FROM events WHERE boot = ? AND seq = ?", (dropped.boot, dropped.seq))
        except sqlite3.Error:
            # A full disk must not lose what is still in memory, nor tear a gap into the numbering.
            log.exception("event %s/%d is in memory alone", pending.boot, pending.seq)

    @property
    def oldest(self) -> Pending | None:
        """The first one that waits; None where nothing does."""
        with self._lock:
            return self._pending[0] if self._pending else None

    def pending(self) -> list[Pending]:
        """What is to be sent, oldest first."""
        with self._lock:
            return list(self._pending)

    def drop(self, ack: Ack) -> bool:
        """Drops what the gateway has committed, in memory; True where that changed anything. `delete` follows."""
        with self._lock:
            left = deque(event for event in self._pending if event.boot != ack.boot or event.seq > ack.seq)
            changed = len(left) != len(self._pending)
            self._pending = left
        return changed

    def delete(self, ack: Ack) -> None:
        """The same on disk, not flushed: an event that comes back after a power cut is sent again, and taken once."""
        try:
            with self._notes.write(durable=False) as db:
                db.execute("DELETE FROM events WHERE boot = ? AND seq <= ?", (ack.boot, ack.seq))
        except sqlite3.Error:
            log.exception("acknowledged events up to %s/%d stay on disk", ack.boot, ack.seq)
