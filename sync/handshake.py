"""The streams of a journal as the cloud is told of them: where each ends, and the handshake for one."""

from __future__ import annotations

import msgspec

from edge.journal.reader import JournalReader
from edge.journal.streams import Stream
from sync.client import Cloud, CloudUnreachable
from sync.wire import Hello, HelloReply


class Branch(msgspec.Struct, frozen=True):
    """One stream of a journal, and what it goes on from."""

    stream: Stream
    last: int
    """Its last entry, as far as the journal goes."""
    ends: bool
    """Whether another stream goes on from there."""
    parent: Stream | None = None


def branches_of(reader: JournalReader) -> list[Branch]:
    """Every stream that has a place in the journal, in order; the last is the one that it goes on in.

    One that has left the journal as a whole is not among them: the cloud had acknowledged it.
    """
    found, last = reader.streams(), reader.last()[0]
    first = reader.horizon().first
    every = [
        Branch(
            stream,
            found[place + 1].first - 1 if place + 1 < len(found) else last,
            place + 1 < len(found),
            found[place - 1] if place else None,
        )
        for place, stream in enumerate(found)
    ]
    return [branch for branch in every if not branch.ends or branch.last >= first]


def handshake(cloud: Cloud, reader: JournalReader, branch: Branch, newest: Branch) -> HelloReply:
    """HELLO for one stream. Asks once more where the points pass by the cloud's cursor. Raises `CloudError`."""
    reply = cloud.hello(_hello(reader, branch, newest))
    if reply.cursor < branch.stream.first - 1:
        raise CloudUnreachable(
            "the receiver is of an earlier version: it takes no journal that goes on in another stream; update it"
        )
    if reply.verdict != "fork" and not agrees(reader, reply):
        # The points passed the fork by. Asked about its own cursor, the cloud sees it.
        reply = cloud.hello(_hello(reader, branch, newest, reply.cursor))
    return reply


def agrees(reader: JournalReader, reply: HelloReply) -> bool:
    """Whether the cloud has what the journal has, as far as it has any of it."""
    return reply.verdict != "fork" and is_ours(reader, reply.cursor, reply.hash)


def _hello(reader: JournalReader, branch: Branch, newest: Branch, *more: int) -> Hello:
    stream, parent = branch.stream, branch.parent
    return Hello(
        stream=stream.id.hex(),
        last_sequence=branch.last,
        locator=locator(reader, branch.last, *more, first=stream.first),
        first=stream.first if parent else 1,
        parent=parent.id.hex() if parent else "",
        parent_hash=hash_of(reader, stream.first - 1) if parent else "",
        generation=stream.generation,
        reason=stream.reason if parent else "",
        within=newest.stream.id.hex() if branch.ends else "",
    )


def locator(reader: JournalReader, last: int, *more: int, first: int = 1) -> list[tuple[int, str]]:
    """Sequences and hashes at 0, 1, 2, 4, 8 … back from the last entry, and at `more`; none from before the first."""
    back = [0, *(2**power for power in range(64))]
    sequences = {last - step for step in back if step < last} | {s for s in more if 0 < s <= last}
    points = [
        (sequence, hash_of(reader, sequence)) for sequence in sorted(sequences, reverse=True) if sequence >= first - 1
    ]
    return [(sequence, digest) for sequence, digest in points if digest]  # of what has left, nothing is known


def left_behind(reader: JournalReader, reply: HelloReply | None) -> str:
    """What to say where the cloud lacks facts that this journal keeps no more; "" where that is not so."""
    first = reader.horizon().first
    if reply is None or reply.verdict != "ok" or reply.cursor >= first - 1:
        return ""
    return (
        f"the cloud has the facts up to entry {reply.cursor}, and this box keeps them from entry {first} on: what lies"
        " between is in backups only; put a newer copy of the cloud's own database back"
    )


def is_ours(reader: JournalReader, sequence: int, digest: str) -> bool:
    """Whether this journal has such an entry, with this hash in hexadecimal."""
    found = reader.hash_at(sequence)
    return found is not None and found.hex() == digest


def hash_of(reader: JournalReader, sequence: int) -> str:
    """An entry's hash in hexadecimal; "" where there is no such entry."""
    found = reader.hash_at(sequence)
    return found.hex() if found else ""
