"""Which commands a device has taken, so that nothing moves twice: not after a repeat, not after a power cut."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import Outcome, Reply

if TYPE_CHECKING:
    from device_drivers.notes import Notes

MAX_REMEMBERED: Final = 500
"""How many command ids are kept. A command expires within seconds, so this is days of a busy cart."""
SWEEP_EVERY: Final = 64
"""Older ones are thrown out once in this many commands."""


SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS taken (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL, fence INTEGER NOT NULL, reply BLOB
);
"""
"""What it needs of the notes."""


class InProgress:
    """Stands in the ledger for a command that has not ended yet."""


RUNNING: Final = InProgress()


class Ledger:
    """Ids, their replies, and the highest fence. `record` and `finish` belong to one thread, the rest to any."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Reply | InProgress] = OrderedDict()
        rows = notes.read("SELECT place, id, fence, reply FROM taken ORDER BY place DESC LIMIT ?", MAX_REMEMBERED)
        for _, id_, _, body in reversed(rows):
            self._known[id_] = _decoded(id_, body)
        # Fences only rise, so the newest row has the highest.
        self._place, self._fence = (int(rows[0][0]), int(rows[0][2])) if rows else (0, -1)

    def known_reply(self, id_: str) -> Reply | InProgress | None:
        """The reply that this id had, `RUNNING` while it is carried out, None where the id is new."""
        with self._lock:
            return self._known.get(id_)

    def begin(self, id_: str) -> None:
        """Marks the id as under way, in memory alone."""
        self._remember(id_, RUNNING)

    def remember(self, reply: Reply) -> None:
        """Keeps a reply in memory; for a refusal, which was never recorded, that is enough."""
        self._remember(reply.id, reply)

    def _remember(self, id_: str, what: Reply | InProgress) -> None:
        with self._lock:
            self._known[id_] = what
            while len(self._known) > MAX_REMEMBERED:
                self._known.popitem(last=False)

    def raise_fence(self, fence: int) -> bool:
        """Makes this the highest fence; False, and nothing changes, where a higher one was seen."""
        with self._lock:
            if fence < self._fence:
                return False
            self._fence = fence
            return True

    def record(self, id_: str) -> None:
        """Writes id and fence to disk: from here on the command counts as taken. Raises `sqlite3.Error`."""
        with self._notes.write() as db:
            db.execute("INSERT INTO taken (place, id, fence) VALUES (?, ?, ?)", (self._place + 1, id_, self._fence))
        self._place += 1

    def finish(self, reply: Reply) -> None:
        """Keeps the reply of the command recorded last. Not flushed: a power cut makes it `unknown`, no worse."""
        with self._notes.write(durable=False) as db:
            db.execute("UPDATE taken SET reply = ? WHERE place = ?", (msgspec.json.encode(reply), self._place))
            if self._place % SWEEP_EVERY == 0:
                db.execute("DELETE FROM taken WHERE place <= ?", (self._place - MAX_REMEMBERED,))


def _decoded(id_: str, body: bytes | None) -> Reply:
    """The reply that stands there. Noted but not finished, or in words that only a later build has: it may have moved
    or not. To say so is all that is honest; to act again is not.
    """
    try:
        return msgspec.json.decode(body or b"", type=Reply)
    except ValueError:
        return Reply(id_, Outcome.UNKNOWN)
