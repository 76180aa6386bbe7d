"""Compares what each side has. Pure: records in, differences out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from device_drivers.device_memory import DeviceNotes
from device_drivers.ledger import MAX_REMEMBERED, SWEEP_EVERY
from operations.diagnosis.books.report import Count, Difference

SINGLY: Final = 100
"""So many events in a row that were not heard are named one by one."""


class BookEntry(msgspec.Struct, frozen=True):
    """One entry, as the store or the cloud has it."""

    sequence: int
    id: str
    type: str
    at_ms: int
    sha256: str


class DeviceEvent(msgspec.Struct, frozen=True):
    """An event of a device, as a fact of the store has it."""

    device: str
    boot: str
    seq: int
    missed: int
    """Numbers before it that never came, by the fact's own account."""
    entry: BookEntry


class Done(msgspec.Struct, frozen=True):
    """A fact that says that a device carried a command out."""

    device: str
    command: str
    entry: BookEntry


class Chapter(msgspec.Struct, frozen=True):
    """Everything of one day."""

    store: Sequence[BookEntry]
    doubles: Sequence[BookEntry]
    """Entries whose id stands in the journal twice."""
    first: int
    last: int
    cloud: Sequence[BookEntry] | None
    """None where the cloud was not asked."""
    acked: int
    broken: Sequence[int]
    """Sequences whose hash does not follow from what stands before."""
    heard: Sequence[DeviceEvent]
    done: Sequence[Done]
    granted: Mapping[str, BookEntry]
    """Commands that the store granted, by their ids; from before the day too."""
    settled: frozenset[str]
    """Commands whose end the store knows, whenever that was."""
    devices: Sequence[DeviceNotes]


def differences(chapter: Chapter) -> list[Difference]:
    """Returns every one, in the order of store, cloud and devices."""
    return [*_in_store(chapter), *_in_cloud(chapter), *_of_events(chapter.heard), *_of_devices(chapter)]


def _in_store(chapter: Chapter) -> Iterator[Difference]:
    by_sequence = {record.sequence: record for record in chapter.store}
    far = {record.sequence: record for record in chapter.cloud or ()}
    for sequence in range(chapter.first, chapter.last + 1):
        if sequence not in by_sequence:
            known = far.get(sequence)
            yield Difference(
                "missing_in_store", known.id if known else f"#{sequence}", known.type if known else "",
                sequence=sequence, at_ms=known.at_ms if known else None,
            )  # fmt: skip
    known_ids = {record.id for record in chapter.store}
    for record in chapter.cloud or ():
        if record.sequence > chapter.last and record.id not in known_ids:
            yield _difference(record, "missing_in_store")
    yield from (_difference(record, "double_in_store") for record in chapter.doubles)
    altered = {record.sequence for record in chapter.store if _is_altered(record, far)}
    yield from (
        _difference(by_sequence[sequence], "chain_broken")
        for sequence in chapter.broken
        if sequence in by_sequence and sequence not in altered and sequence - 1 in by_sequence
    )


def _in_cloud(chapter: Chapter) -> Iterator[Difference]:
    if chapter.cloud is None:
        return
    far = {record.sequence: record for record in chapter.cloud}
    for record in chapter.store:
        if record.sequence <= chapter.acked and record.sequence not in far:
            yield _difference(record, "missing_in_cloud")
        elif _is_altered(record, far):
            yield _difference(record, "altered")
    yield from (_difference(record, "double_in_cloud") for record in _repeated(chapter.cloud))


def _is_altered(record: BookEntry, far: Mapping[int, BookEntry]) -> bool:
    other = far.get(record.sequence)
    return other is not None and (other.id, other.sha256, other.at_ms) != (record.id, record.sha256, record.at_ms)


def _repeated(records: Iterable[BookEntry]) -> Iterator[BookEntry]:
    """Records whose id another one had before."""
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            yield record
        seen.add(record.id)


def _of_events(heard: Sequence[DeviceEvent]) -> Iterator[Difference]:
    by_boot: dict[tuple[str, str], list[DeviceEvent]] = defaultdict(list)
    for event in heard:
        by_boot[event.device, event.boot].append(event)
    for (device, boot), events in by_boot.items():
        seen: set[int] = set()
        for event in events:
            if event.seq in seen:
                yield _event("double_event", event, event.seq)
            seen.add(event.seq)
        # What came before the first one of the day is another day's; a hole between two is this one's.
        first = min(event.seq - event.missed for event in events)
        for before, after in pairwise(sorted({first - 1, *seen})):
            for name in _missing_numbers(before + 1, after - 1):
                yield Difference("event_not_heard", f"{boot}/{name}", "device.reported.v1", device)


def _missing_numbers(first: int, last: int) -> Iterable[str]:
    """The numbers of a hole; a device may skip any number of them, and many have one name."""
    return [f"{first}-{last}"] if last - first >= SINGLY else map(str, range(first, last + 1))


def _of_devices(chapter: Chapter) -> Iterator[Difference]:
    asked = {notes.device: notes for notes in chapter.devices}
    for notes in chapter.devices:
        ids = [taken.id for taken in notes.taken]
        yield from (Difference("double_on_device", name, device=notes.device) for name in _duplicates(ids))
        known = {taken.place for taken in notes.taken}
        holes = set(range(_oldest(max(known, default=0)), max(known, default=0) + 1)) - known
        did = {done.command for done in chapter.done if done.device == notes.device}
        # A hole is named by the command where the store knows which it was.
        gone = sorted(did - set(ids))
        since = min((name for name in ids if name[14:15] == "7"), default="")  # version 7 begins with its time
        for name in gone:
            if name >= since or holes:
                yield _missing_on_device(chapter, notes.device, name)
        named = sum(name >= since or bool(holes) for name in gone)
        yield from (
            Difference("missing_on_device", f"place {place}", device=notes.device) for place in sorted(holes)[named:]
        )
    for device, notes in asked.items():
        for taken in notes.taken:
            grant = chapter.granted.get(taken.id)
            if grant is not None and taken.outcome in ("done", "already") and taken.id not in chapter.settled:
                yield Difference("unknown_to_store", taken.id, grant.type, device, at_ms=grant.at_ms)


def _oldest(newest: int) -> int:
    """The oldest place that a device's notes still have to hold when the newest is this one."""
    return max(1, newest // SWEEP_EVERY * SWEEP_EVERY - MAX_REMEMBERED + 1)


def _missing_on_device(chapter: Chapter, device: str, name: str) -> Difference:
    done = next(each for each in chapter.done if each.command == name)
    return Difference("missing_on_device", name, done.entry.type, device, done.entry.sequence, done.entry.at_ms)


def _duplicates(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _difference(record: BookEntry, kind: str) -> Difference:
    return Difference(kind, record.id, record.type, sequence=record.sequence, at_ms=record.at_ms)  # type: ignore[arg-type]


def _event(kind: str, event: DeviceEvent, seq: int) -> Difference:
    entry = event.entry
    return Difference(kind, f"{event.boot}/{seq}", entry.type, event.device, entry.sequence, entry.at_ms)  # type: ignore[arg-type]


def counts(chapter: Chapter) -> list[Count]:
    """Returns how many of each type there are, the most frequent first."""
    store = Counter(record.type for record in chapter.store)
    cloud = None if chapter.cloud is None else Counter(record.type for record in chapter.cloud)
    remembered = {notes.device: {taken.id for taken in notes.taken} for notes in chapter.devices}
    device: Counter[str] = Counter()
    known: set[str] = set()
    for done in chapter.done:
        if done.device in remembered:
            known.add(done.entry.type)
            device[done.entry.type] += done.command in remembered[done.device]
    ranges: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in chapter.heard:
        ranges[event.device, event.boot] += [event.seq, event.seq - event.missed]
        known.add(event.entry.type)
    numbered = sum(max(seqs) - min(seqs) + 1 for seqs in ranges.values())
    rejected = sum(event.entry.type != "device.reported.v1" for event in chapter.heard)
    if ranges:
        device["device.reported.v1"] = numbered - rejected
        device["device.event_rejected.v1"] = rejected
    return [
        Count(kind, device[kind] if kind in known else None, number, None if cloud is None else cloud[kind])
        for kind, number in sorted((store | (cloud or Counter())).items(), key=lambda each: (-each[1], each[0]))
        for number in [store[kind]]
    ]
