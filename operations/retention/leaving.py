"""Which facts may leave the journal: those that are old, and that somebody else has for good."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.box.facts import BackupMade
from edge.journal.entry import tag
from edge.journal.queries import newest_of, newest_within
from edge.journal.reader import JournalReader
from edge.journal.sync_status import SyncStatus, read_sync_status
from edge.journal.transaction import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal import Reads

HOUR_MS: Final = 60 * 60 * 1000
DAY_MS: Final = 24 * HOUR_MS
KEPT_MS: Final = 30 * DAY_MS
"""So long every fact stays at least."""
SEGMENT: Final = 10_000
"""Facts leave by so many."""
MAX_SEGMENTS: Final = 20
"""At most so many segments leave at once: the tables of what is over are cleared in the same commit."""
UNSTATED_S: Final = 24 * 60 * 60
"""What a cloud may lose of its past where it does not say."""
MARKS: Final = 2000
"""Of so many hours it is remembered how far the cloud had acknowledged."""
AGREES: Final = ("starting", "ok", "offline")
"""What sync says of a cloud that was told this journal and no other; whatever else it may say, nothing leaves."""
LATE: Final = 500_000
"""Among so many of the newest facts backups are looked for: they are made each hour."""


class Leaving(msgspec.Struct, frozen=True):
    """What may leave now."""

    first: int
    """The first entry that has to stay."""
    because: str
    """Who has those before: `cloud`, `archives`; or what keeps them: `cloud_behind`, `few_archives`, `young`."""

    @property
    def any(self) -> bool:
        """Whether a whole segment may leave."""
        return self.because in ("cloud", "archives")


class CloudMark(msgspec.Struct, frozen=True):
    """How far the cloud had acknowledged the journal at a moment."""

    at_ms: int
    """By whichever clock was ahead, the store's or the cloud's."""
    acked: int


def may_leave(journal: Path, status: Path, now_ms: int) -> Leaving:
    """Returns from which entry on facts have to stay; `status` is what sync tells of the cloud.

    It notes what the cloud has acknowledged by now.
    """
    with closing(JournalReader(journal)) as reader, closing(Reader(journal)) as reads:
        return _may_leave(journal, status, reads, reader, now_ms)


def old_segments(journal: Path, first: int, upto: int, before_ms: int) -> int:
    """Returns the first entry of the first segment that is not wholly older than that, or not wholly within `upto`."""
    with closing(Reader(journal)) as reads:
        return _old(reads, first, upto, before_ms)


def _may_leave(journal: Path, status: Path, reads: Reads, reader: JournalReader, now_ms: int) -> Leaving:
    here = reader.horizon().first
    with_cloud = status.exists()  # else sync never ran; one that cannot be read tells of a cloud that has nothing
    if with_cloud:
        report = read_sync_status(status)
        lost_ms = 2000 * (UNSTATED_S if report.recovery_point_s is None else report.recovery_point_s)
        # Either clock may be months ahead or behind. A moment is noted by the later one, and is past when both say so.
        now_ms, late_ms = sorted((now_ms, report.cloud_ms or 0))
        upto = _in_cloud(journal, reader, report, late_ms, now_ms - lost_ms)
        because, kept_ms = "cloud", max(KEPT_MS, lost_ms)
    else:
        upto, because, kept_ms = _in_archives(reads), "archives", KEPT_MS
    if upto < here - 1 + SEGMENT:
        return Leaving(here, "cloud_behind" if with_cloud else "few_archives")
    first = _old(reads, here, min(upto, here - 1 + MAX_SEGMENTS * SEGMENT), now_ms - kept_ms)
    return Leaving(first, because if first > here else "young")


def _old(reads: Reads, first: int, upto: int, before_ms: int) -> int:
    while first - 1 + SEGMENT <= upto:
        end = (first - 1) // SEGMENT * SEGMENT + SEGMENT
        newest_ms = newest_within(reads, first, end)
        if end > upto or newest_ms is None or newest_ms >= before_ms:
            break
        first = end + 1
    return first


def _in_archives(reads: Reads) -> int:
    """Up to where the two newest archives have the journal, each of them opened again to prove it; 0 without two."""
    try:
        made = [msgspec.json.decode(body, type=BackupMade) for body in newest_of(reads, tag(BackupMade), 2, LATE)]
    except (ValueError, RecursionError):  # a later build's: how far that archive goes is not known here
        return 0
    return min((backup.upto for backup in made), default=0) if len(made) == 2 else 0


def _in_cloud(journal: Path, reader: JournalReader, report: SyncStatus, late_ms: int, before_ms: int) -> int:
    """Up to where the cloud has had the journal since before a moment, so that no loss of its own takes that away.

    0 where it has not told the time since sync began.
    """
    file = journal.with_name("acknowledged.json")
    marks = _marks(file)
    ours = reader.hash_at(report.acked)
    if report.state not in AGREES or report.cloud_ms is None or ours is None or ours.hex() != report.acked_hash:
        return 0
    # A cloud that was restored has less than before: what it had acknowledged then counts no more.
    marks = [mark for mark in marks if mark.acked <= report.acked and mark.at_ms <= late_ms]
    if not marks or late_ms - marks[-1].at_ms >= HOUR_MS:
        marks.append(CloudMark(late_ms, report.acked))
        _write(file, marks[-MARKS:])
    return max((mark.acked for mark in marks if mark.at_ms <= before_ms), default=0)


def _marks(path: Path) -> list[CloudMark]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[CloudMark])
    except (OSError, ValueError, RecursionError):
        return []


def _write(path: Path, marks: list[CloudMark]) -> None:
    """Whole or not at all. What cannot be written costs some hours: they are noted again."""
    spare = path.with_name(f".{path.name}.new")
    handle = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(marks))
    spare.replace(path)
