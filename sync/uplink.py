"""The uplink: reads the journal from the cloud's cursor and sends it, for ever.

It keeps no position of its own, writes nothing into the journal and deletes nothing: whatever becomes of this process,
the next one asks the cloud where to go on.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from edge.journal.entry import Entry
from edge.journal.outage import is_on
from edge.journal.reader import JournalReader
from sync.client import BatchRefused, Cloud, CloudError, CloudUnreachable, CursorMismatch, HttpCloud
from sync.handshake import Branch, agrees, branches_of, handshake, is_ours, left_behind
from sync.retry_pace import RetryPace
from sync.source import JournalPage, JournalSource, NotReadable
from sync.status import Status
from sync.wire import HelloReply, first_break

log = structlog.get_logger(__name__)

POLL_S: Final = 0.1
"""How often the journal is asked for news; one query each time."""
HEARTBEAT_S: Final = 10.0
"""With nothing to send, a HELLO so often: the cloud sees the store, and the store sees the cloud, restored or gone."""
LOOK_S: Final = 0.5
"""How often the length of the queue is noted while the cloud is away."""
NORMAL: Final = 500
"""Entries in a batch."""
BEHIND: Final = 2000
"""Entries in a batch while there is a queue."""
NICENESS: Final = 10
"""The gateway goes first."""
COURTESY: Final = 15
"""While the store is in use, a queue is sent for one part of the time in so many and one more. A busy core answers a
shopper up to a tick of the kernel later, whatever the priorities are.
"""


class Uplink:
    """One journal on its way to one cloud. `turn` is one exchange; call it for ever."""

    def __init__(
        self,
        source: JournalSource,
        cloud: Cloud,
        status: Status,
        pace: RetryPace,
        heartbeat_s: float = HEARTBEAT_S,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._source = source
        self._cloud = cloud
        self._status = status
        self._pace = pace
        self._heartbeat_s = heartbeat_s
        self._alive = alive
        self._reader: JournalReader | None = None
        self._position: tuple[int, bytes] | None = None
        """The cloud's cursor and its hash; none until it has said."""
        self._greeted = 0.0
        self._whole: set[bytes] = set()
        """Earlier streams that the cloud has all of."""
        self._end: int | None = None
        """The last entry of the stream that is being sent, where another one follows."""
        self._fenced: str | None = None
        """The stream of the box that works in this one's place."""
        self._size = NORMAL
        self._narrow: int | None = None
        """Fewer entries than usual while an entry that is not taken is looked for."""
        self._parked: set[int] = set()
        self._diverged = 0
        self._newest = 0
        """The last entry that there was at the turn before."""

    def turn(self) -> float:
        """One exchange with the cloud. Returns the seconds to wait before the next one; raises nothing of the trade."""
        try:
            wait = self._exchange()
        except NotReadable as error:
            self._status.tell("starting", str(error))
            wait = POLL_S
        except sqlite3.Error as error:
            self._source.close()
            self._position = None
            self._status.tell("offline", f"the journal cannot be read: {error}")
            wait = self._pace.failed()
        except CloudError as error:
            # Whatever happened to the request, only the cloud knows how far it is.
            self._position = None
            self._source.forget()
            wait = self._after(error)
        self._status.flush()
        return wait

    def rest(self, seconds: float) -> None:
        """Wait, and keep the status file true while waiting: offline, the queue grows."""
        self._alive()
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_S))
            self._alive()
            if left > LOOK_S:
                self._look()

    def _look(self) -> None:
        try:
            self._status.tell(last=self._source.reader().last()[0])
        except (NotReadable, sqlite3.Error):
            return  # the next turn says so
        self._status.flush()

    def _exchange(self) -> float:
        if is_on(self._source.path.parent, "uplink"):
            raise CloudUnreachable(
                "an outage is rehearsed: this box stays away from the cloud on purpose, and comes back by itself"
            )
        reader = self._source.reader()
        if reader is not self._reader:
            self._reader, self._position = reader, None
            self._whole.clear()
        began, newest = time.monotonic(), reader.last()[0]
        in_use, self._newest = newest > self._newest > 0, newest
        self._status.tell(last=newest)
        if self._position is None or time.monotonic() - self._greeted > self._heartbeat_s:
            wait = self._greet(reader)
            if self._position is None:
                return wait
        acked, previous = self._position
        size = self._narrow or self._size
        page = self._source.page(acked, previous, size, self._parked)
        if page is None:
            self._size = NORMAL
            return POLL_S
        last = page.entries[-1]
        if len(page.entries) == size == BEHIND:
            self._source.look_ahead(last.sequence, last.hash, size, self._parked)
        self._send(page)
        return COURTESY * (time.monotonic() - began) if in_use and size == BEHIND else 0.0

    def _greet(self, reader: JournalReader) -> float:
        """HELLO: learn the cloud's cursor, and believe it only when its hash there is ours. Returns a wait."""
        before, self._position = self._position, None
        branches = branches_of(reader)
        branch, reply = branches[-1], None
        for branch in branches:
            if branch.ends and branch.stream.id in self._whole:
                continue
            reply = handshake(self._cloud, reader, branch, branches[-1])
            if not branch.ends or reply.cursor < branch.last or not agrees(reader, reply):
                break
            self._whole.add(branch.stream.id)
        self._greeted = time.monotonic()
        if reply is None or not agrees(reader, reply):
            return self._parted(branch, reply)
        self._end = branch.last if branch.ends else None
        self._status.report.recovery_point_s = reply.recovery_point_s
        self._fenced = reply.current if reply.verdict == "fenced" else None
        self._position = (reply.cursor, bytes.fromhex(reply.hash))
        if before is not None and reply.cursor < before[0]:
            self._whole.clear()  # the cloud was restored from an older copy: perhaps it lacks of those as well
        self._status.tell(acked=reply.cursor, acked_hash=reply.hash, time_told=self._cloud.time_told)
        if reply.cursor == branch.last and not branch.ends:
            # With a queue, only an acknowledged batch proves that things go on.
            self._settled(reply.cursor, reply.hash)
        return 0.0

    def _parted(self, branch: Branch, reply: HelloReply | None) -> float:
        """The cloud was told another history. Returns a wait."""
        fork = reply.fork_from if reply else None
        self._status.tell(
            "diverged",
            left_behind(self._journal(), reply)
            or f"the cloud and this journal part at entry {fork}: it was restored, copied or changed; `storekeeper"
            " restore --here` goes on from what the cloud has, and loses nothing of what is here",
        )
        log.error("uplink.fork", fork_from=fork, cursor=reply.cursor if reply else None, last=branch.last)
        return self._pace.failed()

    def _send(self, page: JournalPage) -> None:
        entries = page.entries
        try:
            ack = self._cloud.send(page.batch)
        except BatchRefused as error:
            self._narrow_down(entries, error)
            return
        except CursorMismatch as error:
            self._position = None
            self._source.forget()
            self._contradicted(page, error)
            return
        if ack.cursor < entries[-1].sequence or not is_ours(self._journal(), ack.cursor, ack.hash):
            raise CloudUnreachable("the answer acknowledges something else than what was sent")
        self._position = (ack.cursor, bytes.fromhex(ack.hash))
        self._diverged = 0
        self._size = BEHIND if len(entries) >= NORMAL else NORMAL
        if self._narrow is not None:
            self._narrow = None if self._narrow * 2 > BEHIND else self._narrow * 2
        self._settled(ack.cursor, ack.hash)
        if self._end is not None and ack.cursor >= self._end:
            self._position = None  # the journal goes on in another stream: the cloud has to hear of it first
            self._source.forget()

    def _settled(self, acked: int, digest: str) -> None:
        self._pace.succeeded()
        if self._fenced:
            said = f"another box works in this one's place, in stream {self._fenced[:8]}…: this one must open nothing"
            self._status.tell("fenced", said, acked=acked, acked_hash=digest, time_told=self._cloud.time_told)
            return
        self._status.tell("ok", acked=acked, acked_hash=digest, time_told=self._cloud.time_told)

    def _narrow_down(self, entries: list[Entry], error: BatchRefused) -> None:
        """Halve the batch until one entry is left; that one goes as its digest, so that those behind it can pass."""
        self._source.forget()
        if len(entries) > 1:
            log.warning("uplink.refused", error=str(error), first=entries[0].sequence, count=len(entries))
            self._narrow = len(entries) // 2
            if not error.ours:  # some box in between: do not try it at full speed
                raise CloudUnreachable(str(error))
            return
        if not error.ours:
            raise CloudUnreachable(f"entry {entries[0].sequence} is refused, and not by the cloud: {error}")
        if entries[0].sequence in self._parked:
            raise _Diverged(f"entry {entries[0].sequence} is refused without its body too: it was changed here")
        log.error("uplink.parked", sequence=entries[0].sequence, type=entries[0].type, error=str(error))
        self._parked.add(entries[0].sequence)

    def _contradicted(self, page: JournalPage, error: CursorMismatch) -> None:
        """Once is a race, and HELLO settles it. Twice in a row, though HELLO agreed, the entries are wrong."""
        self._diverged += error.code == "diverged"
        if self._diverged < 2:
            return
        first, broken = page.batch.first, first_break(page.entries, page.batch.previous)
        if broken is not None and broken > first:
            self._narrow = broken - first  # those before it are whole, and can go
            return
        where = f"the journal was changed at entry {broken}" if broken else "the cloud contradicts itself"
        raise _Diverged(where)

    def _after(self, error: CloudError) -> float:
        if isinstance(error, _Diverged):
            self._status.tell("diverged", str(error))
            log.error("uplink.diverged", error=str(error))
            return self._pace.failed()
        retry_after = error.retry_after if isinstance(error, CloudUnreachable) else None
        self._status.tell("offline", str(error))
        return self._pace.failed(retry_after)

    def _journal(self) -> JournalReader:
        return self._source.reader()


class _Diverged(CloudError):
    """The journal's own chain does not hold where the next batch begins."""


class _Stop(BaseException):
    """SIGTERM or SIGINT: leave at once. There is nothing to save."""


def run(
    journal: Path,
    status: Path,
    url: str,
    store: str,
    token: str | None,
    *,
    ceiling_s: float = 5.0,
    heartbeat_s: float = HEARTBEAT_S,
    alive: Callable[[], None] = lambda: None,
) -> None:
    """Send until SIGTERM or SIGINT. Retries are at most `ceiling_s` seconds apart: 5 in one store, 300 in a chain.
    `alive` is called again and again for as long as it goes on.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
    with suppress(PermissionError):  # Its unit has given it that already, and takes the right away.
        os.nice(NICENESS)
    cloud = HttpCloud(url, store, token)
    source = JournalSource(journal)
    uplink = Uplink(source, cloud, Status(status), RetryPace(ceiling_s, random.SystemRandom()), heartbeat_s, alive)
    log.info("uplink.started", cloud=urlsplit(url).netloc.rpartition("@")[2], store=store)
    try:
        while True:
            uplink.rest(uplink.turn())
    except _Stop:
        log.info("uplink.stopped")
        # The signal may have come while some library held a lock, in which case closing would wait for ever, and so
        # would the interpreter's own clean-up. There is nothing to save.
        sys.stdout.flush()
        os._exit(0)


def _leave(*_: Any) -> None:
    raise _Stop
