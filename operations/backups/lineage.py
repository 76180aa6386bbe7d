"""A journal brought to where the cloud is: what it lacks is fetched, what the cloud was never told of is kept.

Works on a file that no gateway has open. A journal that was copied or restored behind everybody's back may have parted
from what the cloud holds; its own facts from there on are said again in the new stream, under the ids that they had.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from edge.journal.chain import hash_of, last
from edge.journal.entry import Clock, Entry
from edge.journal.facts import StreamOpened
from edge.journal.horizon import Horizon, horizon
from edge.journal.offline import (
    OPENED,
    Said,
    append,
    forget_tables,
    ids_after,
    insert_entries,
    name_stream,
    open_stream,
    truncate_after,
)
from edge.journal.streams import Stream, next_generation, streams
from operations.backups.errors import BackupError
from sync.archive import Archive
from sync.messages import Streams, StreamTold
from sync.wire import Row


class Segment(msgspec.Struct, frozen=True):
    """A stretch of the store's history as the cloud has it."""

    told: StreamTold
    first: int
    last: int


class Adopted(msgspec.Struct):
    """What came of it."""

    fetched: int = 0
    """Facts that came from the cloud."""
    carried: list[Said] = []
    """Facts that only this journal has, to be said again."""
    known: int = 0
    """The greatest generation that the cloud has heard of."""
    since: int = 0
    """The tables of the journal hold the facts up to here; 0 where they have to be made anew."""
    stopped_at: int | None = None
    """An entry whose body the cloud never took, or that it has no more: what follows it stays there."""


def adopt(journal: sqlite3.Connection, archive: Archive) -> Adopted:
    """Bring the journal to where the cloud is. Raises `CloudError`, `BackupError`; then the file is of no use."""
    told = archive.streams()
    history = _history(told)
    before = last(journal)[0]
    found = Adopted(known=max((each.generation for each in told.streams), default=0), since=before)
    if not history:
        return found
    common = _common(journal, archive, history)
    journal.execute("BEGIN IMMEDIATE")
    found.carried = truncate_after(journal, common)
    found.since = before if common == before else 0
    _fetch(journal, archive, history, found)
    fetched = ids_after(journal, common)
    found.carried = [said for said in found.carried if said[0] not in fetched and said[1] != OPENED]
    journal.execute("COMMIT")
    return found


def go_on(journal: sqlite3.Connection, found: Adopted, clock: Clock, reason: str = "restored") -> StreamOpened:
    """Open the new stream, above every generation that anybody heard of, and say in it what was carried."""
    known = [each.generation for each in streams(journal)]
    number = next_generation(found.known, *known, now_ms=max(0, clock.wall_ms()))
    opened = open_stream(journal, reason, number, clock)
    stream = streams(journal)[-1].id
    sequence, previous = last(journal)
    journal.execute("BEGIN IMMEDIATE")
    for said in found.carried:
        sequence += 1
        previous = append(journal, stream, sequence, previous, said)
    if not found.since:
        forget_tables(journal)  # they hold what was taken off
    journal.execute("COMMIT")
    return opened


def as_it_is(journal: sqlite3.Connection) -> Adopted:
    """Nothing is fetched and nothing taken off."""
    return Adopted(since=last(journal)[0])


def _history(told: Streams) -> list[Segment]:
    """The stream in charge and those that it goes on from, each as far as it counts."""
    by_name = {each.stream: each for each in told.streams}
    chain: list[StreamTold] = []
    name = told.current
    while (each := by_name.pop(name, None)) is not None:
        chain.insert(0, each)
        name = each.parent
    ends = [after.first - 1 for after in chain[1:]] + [2**63 - 1]
    found = [Segment(each, each.first, min(each.cursor, end)) for each, end in zip(chain, ends, strict=True)]
    return [segment for segment in found if segment.last >= segment.first]


def _common(journal: sqlite3.Connection, archive: Archive, history: list[Segment]) -> int:
    """The last entry that both have. Equal hashes mean equal entries all the way before, also where the cloud has
    heard of a stream and not of all that came before it. Raises `BackupError` where that has left the journal.
    """
    mine, kept = last(journal)[0], horizon(journal)
    for segment in reversed(history):
        stream, before = segment.told.stream, max(segment.first, kept.first) - 1
        theirs = archive.hash_before if before < segment.first else archive.hash_at
        place = max(segment.first, before)
        if before > mine or (before and theirs(stream, place) != _mine(journal, kept, before)):
            continue
        low, high = before, min(mine, segment.last)
        middle = high  # as a rule nothing has parted
        while low < high:
            if archive.hash_at(stream, middle) == _mine(journal, kept, middle):
                low = middle
            else:
                high = middle - 1
            middle = (low + high + 1) // 2
        return low
    if kept.first > 1:
        raise BackupError(
            f"the cloud lacks facts that this journal keeps no more: it has them from entry {kept.first} on. Put a"
            " newer copy of the cloud's own database back, or go on --without-cloud"
        )
    return 0


def _mine(journal: sqlite3.Connection, kept: Horizon, place: int) -> bytes:
    """The hash of an entry here, and of the last one that has left; empty, which is nobody's, where there is none."""
    return kept.hash if place == kept.first - 1 else hash_of(journal, place) or b""


def _fetch(journal: sqlite3.Connection, archive: Archive, history: list[Segment], found: Adopted) -> None:
    sequence, previous = last(journal)
    for segment in history:
        if segment.last <= sequence:
            continue
        if segment.first > sequence + 1:
            raise BackupError(
                f"the cloud lacks entries {sequence + 1} to {segment.first - 1}, and so does this copy: use a"
                " later copy, or --without-cloud"
            )
        stream = bytes.fromhex(segment.told.stream)
        name_stream(
            journal, Stream(stream, segment.told.first, segment.told.reason or "created", segment.told.generation)
        )
        for row in _rows(archive, segment, sequence, previous):
            place, identity, kind, wall, mono, boot, body, digest = row
            if body is None:
                break
            insert_entries(journal, [Entry(place, stream, identity, kind, wall, mono, boot, body, digest)])
            sequence, previous = place, digest
            found.fetched += 1
        if sequence < segment.last:
            found.stopped_at = sequence + 1
            return


def _rows(archive: Archive, segment: Segment, place: int, previous: bytes) -> Iterator[Row]:
    while place < segment.last:
        page = archive.after(segment.told.stream, place, previous)
        if page is None:
            return
        for row in page.rows:
            if row[0] > segment.last:
                return
            yield row
            place, previous = row[0], row[7]
