"""Which commands a device has taken, so that nothing moves twice: not after a repeat, not after a power cut."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import Outcome, Reply

if TYPE_CHECKING:
    from device_drivers.notes import Notes

REMEMBERED: Final = 500
"""How many command ids are kept. A command expires within seconds, so this is days of a busy cart."""


class Running:
    """Stands in the ledger for a command that has not ended yet."""


RUNNING: Final = Running()


class Ledger:
    """Ids, their replies, and the highest fence. Safe from any thread."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Reply | Running] = OrderedDict()
        for id_, body in reversed(
            notes.read("SELECT id, reply FROM commands ORDER BY noted DESC, id DESC LIMIT ?", REMEMBERED)
        ):
            # Noted but not finished: it may have moved or not. Saying so is all that is honest, and acting again is
            # not.
            self._known[id_] = msgspec.json.decode(body, type=Reply) if body else Reply(id_, Outcome.UNKNOWN)
        row = notes.read("SELECT highest FROM fence")
        self._fence: int | None = row[0][0] if row else None
        newest = notes.read("SELECT max(noted) FROM commands")
        self._place: int = newest[0][0] or 0

    def earlier(self, id_: str) -> Reply | Running | None:
        """The reply this id had, `RUNNING` where it is still under way, None where it is new."""
        with self._lock:
            return self._known.get(id_)

    def begin(self, id_: str) -> None:
        """Marks the id as under way, in memory alone."""
        with self._lock:
            self._known[id_] = RUNNING
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def admits(self, fence: int) -> bool:
        """False where a higher fence was seen; otherwise this one is now the highest seen."""
        with self._lock:
            if self._fence is not None and fence < self._fence:
                return False
            self._fence = fence
            return True

    def note(self, id_: str) -> None:
        """Puts id and fence on the disk: from here on the command counts as taken. Raises `sqlite3.Error`."""
        self._place += 1
        with self._notes.write() as db:
            db.execute("INSERT OR REPLACE INTO commands (id, noted) VALUES (?, ?)", (id_, self._place))
            if self._fence is not None:
                db.execute(
                    "INSERT INTO fence VALUES (1, ?)"
                    " ON CONFLICT (one) DO UPDATE SET highest = max(highest, excluded.highest)",
                    (self._fence,),
                )

    def answered(self, reply: Reply) -> None:
        """Remembers a reply to a command that was never noted (a refusal), in memory alone."""
        with self._lock:
            self._known[reply.id] = reply
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def finish(self, reply: Reply) -> None:
        """Keeps the reply of a noted command. Not flushed: a power cut makes it `unknown`, no worse."""
        self.answered(reply)
        with self._notes.write(durable=False) as db:
            db.execute("UPDATE commands SET reply = ? WHERE id = ?", (msgspec.json.encode(reply), reply.id))
            db.execute("DELETE FROM commands WHERE noted <= ?", (self._place - REMEMBERED,))
