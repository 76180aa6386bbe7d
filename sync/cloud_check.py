"""What the cloud can say of a journal: a chain that was made anew on the box is whole, and not the one it was sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal

import msgspec

from edge.journal.reader import JournalReader
from edge.journal.sync_status import SyncStatus, read_sync_status
from sync.client import Cloud, CloudError
from sync.handshake import Branch, agrees, branches_of, handshake, is_ours, left_behind
from sync.messages import Streams
from sync.wire import HelloReply


class CloudVerdict(msgspec.Struct, frozen=True):
    """What was asked, and what it says of the journal."""

    asked: Literal["cloud", "memory", "nobody"]
    """The cloud itself; only what this box remembers of its last acknowledgement; neither."""
    agrees: bool
    entries: int
    """How far the journal was compared: entries after that one are nobody's to vouch for but the chain's."""
    sentence: str


def ask(journal: Path, status: Path, cloud: Cloud, streams: Callable[[], Streams] | None = None) -> CloudVerdict:
    """Ask the cloud how far it has this journal and by which hash; where it is away, what the uplink remembers.

    `streams` asks it for everything that it has of the store: a journal that was renamed is none that it was sent.
    """
    with closing(JournalReader(journal)) as reader:
        report = read_sync_status(status)
        branch = branches_of(reader)[-1]
        try:
            reply = handshake(cloud, reader, branch, branch)
        except CloudError as error:
            return _remembered(reader, report, str(error))
        said = _verdict_on(reader, reply, report, branch)
        if streams is None or reply.cursor >= branch.stream.first:
            return said
        with suppress(CloudError):  # a receiver of an earlier version does not say
            if another := _another(reader, streams()):
                return CloudVerdict("cloud", False, 0, another)
        return said


def from_memory(journal: Path, status: Path, why: str) -> CloudVerdict:
    """What the uplink remembers, where the cloud cannot be asked."""
    with closing(JournalReader(journal)) as reader:
        return _remembered(reader, read_sync_status(status), why)


def _another(reader: JournalReader, told: Streams) -> str:
    """What to say where the cloud has facts of this store, and not one of this journal; "" where that is not so."""
    own = {stream.id.hex() for stream in reader.streams()}
    there = [each for each in told.streams if each.cursor >= each.first]
    if not there or any(each.stream in own for each in there):
        return ""
    count = sum(each.cursor - each.first + 1 for each in there)
    return f"the cloud has {count} facts of this store, and all of them are another journal's than this one"


def _verdict_on(reader: JournalReader, reply: HelloReply, report: SyncStatus, branch: Branch) -> CloudVerdict:
    if said := left_behind(reader, reply):
        return CloudVerdict("cloud", False, reply.cursor, said)
    if not agrees(reader, reply):
        where = f"from entry {reply.fork_from} on" if reply.fork_from else f"at entry {reply.cursor}"
        return CloudVerdict("cloud", False, 0, f"the cloud was sent other facts {where} than the journal holds now")
    if reply.cursor < report.acked:
        said = f"the cloud had acknowledged {report.acked} entries, and of this journal it has {reply.cursor}"
        return CloudVerdict("cloud", False, reply.cursor, said)
    if reply.cursor < branch.stream.first:
        return CloudVerdict("cloud", True, 0, "the cloud has nothing of this journal yet: not compared")
    rest = branch.last - reply.cursor
    said = f"the cloud has {reply.cursor} facts, and the same; of the newest {rest} it can say nothing yet"
    return CloudVerdict("cloud", True, reply.cursor, said)


def _remembered(reader: JournalReader, report: SyncStatus, why: str) -> CloudVerdict:
    if not report.acked or not report.acked_hash:
        return CloudVerdict("nobody", True, 0, f"the cloud was not asked: {why}")
    if not is_ours(reader, report.acked, report.acked_hash):
        said = f"entry {report.acked} is not the one that the cloud acknowledged last; the cloud itself: {why}"
        return CloudVerdict("memory", False, 0, said)
    said = (
        f"entry {report.acked} is the one that the cloud acknowledged last, as this box remembers it; the cloud itself"
        f" was not asked: {why}"
    )
    return CloudVerdict("memory", True, report.acked, said)
