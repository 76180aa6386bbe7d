"""What store and cloud say to each other besides the entries. Pure: no I/O."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from edge.journal.streams import MAX_GENERATION

MAX_INTEGER: Final = 2**63 - 1
"""Largest time and sequence: what a database's signed 64-bit column holds."""

MAX_NAME: Final = 200
"""Letters of what the other side calls a thing: it stays in the journal for ever."""

Place = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]


class Hello(msgspec.Struct, frozen=True, omit_defaults=True):
    """The store's side of the handshake: how far its journal goes, and hashes on the way there, newest first.

    A stream that goes on from another one says where, and which generation it is of.
    """

    stream: str
    last_sequence: Place
    locator: list[tuple[Place, str]]
    first: Place = 1
    """Sequence of the stream's first entry."""
    parent: str = ""
    """The stream that it goes on from."""
    parent_hash: str = ""
    """Hash of the entry before the first."""
    generation: Place = 0
    reason: str = ""
    within: str = ""
    """The stream that the store works in now, where that is a later one than this."""


class HelloReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The cloud's side: how far it has the stream.

    `fork` names the first entry that is not common to both. `fenced` says that another box works in the store's place:
    what happened here is still taken, and nothing may be decided any more.
    """

    cursor: Place
    hash: str
    verdict: Literal["ok", "fork", "fenced"]
    fork_from: Place | None = None
    current: str = ""
    """The stream that the store's box works in, as far as is known here, where it is another one."""
    recovery_point_s: Place | None = None
    """How much of its past the receiver may lose itself, in seconds. What it acknowledged stays in the store twice as
    long."""


class StreamTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stream of a store, as far as the cloud has it."""

    stream: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    first: Place
    cursor: Place
    hash: str
    generation: Annotated[int, msgspec.Meta(ge=0, le=MAX_GENERATION)] = 0
    parent: str = ""
    reason: str = ""
    contact_ms: Place = 0


class Streams(msgspec.Struct, frozen=True):
    """Everything that the cloud has of a store."""

    current: str
    """The stream that the store's box works in; "" where there is none."""
    streams: list[StreamTold]


class Ack(msgspec.Struct, frozen=True):
    """The cloud has everything up to `cursor` durably; `hash` is that entry's."""

    cursor: Place
    hash: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem document. `code` is stable; `cursor` comes with `gap` and `diverged`."""

    code: str
    title: str
    status: Place
    detail: str = ""
    type: str = "about:blank"
    cursor: Place | None = None


class IndexEntry(msgspec.Struct, frozen=True, array_like=True):
    """One entry as the cloud has it, without its body."""

    sequence: Place
    id: str
    """32 hexadecimal digits."""
    type: str
    wall_ms: Place
    sha256: str
    """Of the body."""
    hash: str


class Index(msgspec.Struct, frozen=True):
    """A part of a stream, entry by entry."""

    cursor: Place
    """How far the cloud has acknowledged it."""
    lines: list[IndexEntry]


class LeaseWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """A store would like to have a part of a budget that the chain's stores share."""

    stream: str
    """Of its journal, in which the lease will hold."""
    campaign: str
    number: Place
    """The how-manieth of this campaign in this stream. Asked again, the answer is the same lease."""
    uses: Place = 0
    """What it expects to give in twelve hours; 0 where it cannot tell yet."""
    amount: Place = 0


class Lease(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a budget, until its end and in one stream alone."""

    lease: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
    store: str
    stream: str
    campaign: str
    number: Place
    granted_ms: Place
    ends_ms: Place
    uses: Place | None = None
    amount: Place | None = None


class SignedLease(msgspec.Struct, frozen=True):
    """A lease, and the cloud's word for it."""

    lease: Lease
    key: str
    """Ed25519, hexadecimal."""
    signature: str
    """Over the lease as JSON, its fields in the order above, those without a value left out; hexadecimal."""
