"""Reads what each side has of one day: the journal here, the cloud's books, the notes of the devices on this box."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from device_drivers.device_memory import remembered
from edge.domain.noun import Noun
from edge.journal import Entry, Reader
from edge.journal.entry import GENESIS, body_digest, follows, id_text, tag
from edge.journal.queries import first_and_last_sequence, first_since, last_sequence
from edge.journal.reader import JournalReader
from edge.journal.streams import Stream
from operations.diagnosis.books.compare import BookEntry, Chapter, DeviceEvent, Done, counts, differences
from operations.diagnosis.books.report import ReconciliationReport

T = TypeVar("T")

AT_ONCE: Final = 2000
EARLIER: Final = 50_000
"""So many entries before the day are looked through for what devices still remember of."""
SETTLING_MS: Final = 120_000
"""A command and its end take less."""
EVENTS: Final = frozenset({"device.reported.v1", "device.event_rejected.v1"})

Line = tuple[int, str, str, int, str]
"""Sequence, id, type, wall ms and the body's SHA-256, as the cloud says."""
Ask = Callable[[str, int, int], tuple[int, Sequence[Line]]]
"""What the cloud has of a stream between two sequences, and how far it has acknowledged it."""


class Actuations(msgspec.Struct, frozen=True):
    """Which facts grant a command, and which say that a device carried it out."""

    granted: frozenset[str]
    done: Mapping[str, str]
    """By type, the field that names the device."""
    ends: frozenset[str]


def actuations(nouns: Sequence[Noun]) -> Actuations:
    """Returns what these nouns say of it."""
    known = [actuation for noun in nouns for actuation in noun.actuations]
    return Actuations(
        frozenset(tag(each.granted) for each in known),
        {tag(each.done): each.device for each in known},
        frozenset(tag(end) for each in known for end in each.ends),
    )


def reconcile(
    data: Path, day: str, window: tuple[int, int], nouns: Sequence[Noun], ask: Ask | None, why_not: str = ""
) -> ReconciliationReport:
    """Compares one day. `ask` raises `OSError` where the cloud cannot be asked. Raises `sqlite3.Error`."""
    began, known = time.monotonic(), actuations(nouns)
    path = data / "storekeeper.db"
    with closing(Reader(path)) as reads:
        first, last = _places(reads, window)
    with closing(JournalReader(path)) as journal:
        entries = list(_entries(journal, first, last))
        earlier = list(_entries(journal, max(1, first - EARLIER), first - 1)) if known.granted else []
        later = list(_entries(journal, last + 1, last + EARLIER))
        acked, lines, cloud = _cloud(journal, ask, first, last, why_not)
        chapter = _chapter(entries, first, last, known, acked, lines, [*earlier, *entries, *later])
        chapter = msgspec.structs.replace(
            chapter, devices=remembered(data / "devices"), broken=_broken(journal, entries, first)
        )
    return ReconciliationReport(
        day=day,
        from_ms=window[0],
        to_ms=window[1],
        at_ms=int(time.time() * 1000),
        took_s=round(time.monotonic() - began, 3),
        facts=len(entries),
        on_the_way=0 if lines is None else sum(entry.sequence > acked for entry in entries),
        cloud=cloud,
        devices=[notes.device for notes in chapter.devices],
        counts=counts(chapter),
        differences=differences(chapter),
    )


def _places(reads: Reader, window: tuple[int, int]) -> tuple[int, int]:
    """First and last sequence of the day; the last one is the newest there was, where the day is not over."""
    there = first_and_last_sequence(reads)
    if there is None:
        return 1, 0
    first, after = first_since(reads, window[0]), first_since(reads, window[1])
    return first, min(after - 1, last_sequence(reads))


def _entries(journal: JournalReader, first: int, last: int) -> Iterator[Entry]:
    place = first - 1
    while place < last:
        page = journal.after(place, min(AT_ONCE, last - place))
        if not page:
            return
        yield from (entry for entry in page if entry.sequence <= last)
        place = page[-1].sequence


def _cloud(
    journal: JournalReader, ask: Ask | None, first: int, last: int, why_not: str
) -> tuple[int, list[BookEntry] | None, str]:
    """How far the cloud is, what it has, and whether it was asked at all. Beyond the day's end it is asked as well:
    what was doubled stands there.
    """
    if ask is None:
        return 0, None, why_not or "not asked"
    acked, whole = 0, True
    lines: list[Line] = []
    try:
        for stream, end in _streams(journal, first, max(last, journal.last()[0]) + AT_ONCE):
            told, found = ask(stream.id.hex(), max(first, stream.first), end)
            lines += found
            if whole:  # what follows on a stream that is not there yet as a whole is on its way
                acked = max(acked, min(told, end))
            whole = whole and told >= end
    except OSError as error:
        return 0, None, str(error)
    newest = journal.last()[0]  # the store goes on while the cloud is asked
    records = [BookEntry(*line) for line in lines]
    seen = {record.id for record in records if record.sequence <= last}
    return (
        acked,
        [each for each in records if each.sequence <= last or each.id in seen or each.sequence > newest],
        ("compared"),
    )


def _streams(journal: JournalReader, first: int, last: int) -> Iterator[tuple[Stream, int]]:
    """The streams that have entries from `first` on, each with its last one; that of the newest is `last`."""
    found = journal.streams()
    for stream, after in zip(found, [*found[1:], None], strict=True):
        end = last if after is None else after.first - 1
        if end >= first:
            yield stream, end


def _chapter(
    entries: Sequence[Entry],
    first: int,
    last: int,
    known: Actuations,
    acked: int,
    lines: list[BookEntry] | None,
    around: Sequence[Entry],
) -> Chapter:
    heard, done = [], []
    for entry in entries:
        if entry.type in EVENTS:
            if (event := _decoded(entry, _Event)) is not None:
                heard.append(DeviceEvent(event.device, event.boot, event.seq, event.missed, record(entry)))
        elif entry.type in known.done:
            fact = _decoded(entry, dict[str, Any])
            if fact is not None and _by_reply(fact):
                done.append(Done(str(fact.get(known.done[entry.type])), fact["grant"], record(entry)))
    until = time.time() * 1000 - SETTLING_MS  # what has just been granted may be on its way
    granted = {
        id_text(entry.id): record(entry)
        for entry in around
        if entry.type in known.granted and first <= entry.sequence <= last and entry.wall_ms < until
    }
    ended = [_decoded(entry, dict[str, Any]) for entry in around if entry.type in known.ends]
    settled = {str(fact.get("grant")) for fact in ended if fact is not None}
    return Chapter(
        store=[record(entry) for entry in entries],
        doubles=_doubles(around, first, last),
        first=first,
        last=last,
        cloud=lines,
        acked=acked,
        broken=(),
        heard=heard,
        done=done,
        granted=granted,
        settled=frozenset(settled),
        devices=(),
    )


def _doubles(around: Sequence[Entry], first: int, last: int) -> list[BookEntry]:
    """Entries whose id another one has as well, where one of both is of the day: a copy may stand anywhere."""
    seen: dict[bytes, int] = {}
    found = []
    for entry in around:
        before = seen.setdefault(entry.id, entry.sequence)
        if before != entry.sequence and (first <= before <= last or first <= entry.sequence <= last):
            found.append(record(entry))
    return found


class _Event(msgspec.Struct, frozen=True):
    """What an event of a device says of its place."""

    device: str
    boot: str
    seq: int
    missed: int = 0


def _decoded(entry: Entry, form: type[T]) -> T | None:
    """What a fact says; none where that was let go when the disk was full, or is not what was written."""
    try:
        return msgspec.json.decode(entry.body, type=form)
    except (ValueError, RecursionError):
        return None


def _by_reply(fact: dict[str, Any]) -> bool:
    """Whether the device said so itself: what only a sensor saw, it need not remember."""
    return fact.get("outcome") in ("done", "already") and isinstance(fact.get("grant"), str)


def record(entry: Entry) -> BookEntry:
    """Returns an entry without its body."""
    return BookEntry(entry.sequence, entry.id.hex(), entry.type, entry.wall_ms, body_digest(entry.body).hex())


def _broken(journal: JournalReader, entries: Sequence[Entry], first: int) -> list[int]:
    """Sequences whose hash does not follow from what stands before."""
    previous = journal.hash_at(first - 1) or GENESIS
    broken = []
    for e in entries:
        if not follows(e, previous):
            broken.append(e.sequence)
        previous = e.hash
    return broken
