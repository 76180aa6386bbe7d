"""A fact with its place in the journal, and the chain that links the places."""

from __future__ import annotations

import hashlib
import os
import struct
import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

GENESIS: Final = bytes(16)
"""What the first entry of a journal is linked to."""

WITHHELD: Final = b"\x00"
"""With this begins what stands for a body that was let go. No fact does: they are JSON."""
_WITHHELD_BYTES: Final = 1 + 32 + 4

_UUID = struct.Struct(">QQ")
_NOISE = struct.Struct("512Q")
_LOW, _VARIANT = 0x3FFFFFFFFFFFFFFF, 0x8000000000000000
_LINK = struct.Struct(">16s16sQ16sQQ16s32s")


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Something that happened, in the past tense.

    Its tag is `noun.happened.v1`; within a version fields are only added.
    """


def tag(fact: type[Fact]) -> str:
    """The type tag of a fact's class, such as `cart.unlocked.v1`."""
    return str(fact.__struct_config__.tag)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A fact with its place: which journal, which number, when, and the hash that chains it to the entry before."""

    sequence: int
    """1, 2, 3 … without a gap."""
    stream: bytes
    """16 random bytes, made when the journal file was created."""
    id: bytes
    """UUIDv7, 16 bytes: time-ordered, unique everywhere."""
    type: str
    """The fact's tag, such as `cart.unlocked.v1`."""
    wall_ms: int
    """Unix time in milliseconds by the wall clock, which may jump."""
    mono_ms: int
    """Milliseconds by the monotonic clock of `boot`, which never jumps."""
    boot: bytes
    """16 bytes that name the boot of the machine."""
    body: bytes
    """The fact as JSON: exactly these bytes are hashed and sent."""
    hash: bytes
    """BLAKE2b-128 over the hash before and everything above."""


def entry_hash(
    previous: bytes, stream: bytes, sequence: int, id: bytes, wall_ms: int, mono_ms: int, boot: bytes, body: bytes
) -> bytes:
    """The hash of an entry, 16 bytes.

    The body enters by its SHA-256, so that a chain can be verified past an entry whose body was withheld.
    """
    place = _LINK.pack(previous, stream, sequence, id, wall_ms, mono_ms, boot, body_digest(body))
    return hashlib.blake2b(place, digest_size=16).digest()


def follows(entry: Entry, previous: bytes) -> bool:
    """Whether an entry's hash is that of its bytes, after the hash of the entry before."""
    e = entry
    try:
        return entry_hash(previous, e.stream, e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body) == e.hash
    except struct.error:  # no time and no id that the journal writes
        return False


def body_digest(body: bytes) -> bytes:
    """The SHA-256 by which a body enters the chain, also of one that was let go."""
    if is_withheld(body):
        return body[1:33]
    return hashlib.sha256(body).digest()


def is_withheld(body: bytes) -> bool:
    """Whether a body was let go, and only what it was is known."""
    return len(body) == _WITHHELD_BYTES and body[:1] == WITHHELD


def withheld(body: bytes) -> bytes:
    """What stands for a body that is let go: its digest and its length. The chain holds as before."""
    return WITHHELD + hashlib.sha256(body).digest() + len(body).to_bytes(4, "big")


@lru_cache(64)  # a decision, its fact's tables and whoever carries it out ask for the same one, one after the other
def id_text(identity: bytes) -> str:
    """The id of an entry as text: a UUID in its canonical form, and the name of what the entry began."""
    text = identity.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def withheld_length(body: bytes) -> int:
    """How long a body was that was let go."""
    return int.from_bytes(body[33:], "big")


class Ids:
    """A source of UUIDv7 (RFC 9562) that never goes back, even when the wall clock does."""

    def __init__(self) -> None:
        self._last = 0
        self._random: Iterator[int] = iter(())

    def new(self, wall_ms: int) -> bytes:
        """16 bytes: 48 bits of milliseconds and a 12-bit counter, then 62 random bits."""
        stamp = self._last = max(wall_ms << 12, self._last + 1)
        noise = next(self._random, None)
        if noise is None:
            # In bulk: each call gives the interpreter lock away, which costs far more than the bytes.
            self._random = iter(_NOISE.unpack(os.urandom(_NOISE.size)))
            noise = next(self._random)
        return _UUID.pack((stamp >> 12 << 16) | 0x7000 | (stamp & 0xFFF), noise & _LOW | _VARIANT)


class Clock:
    """Wall and monotonic time, and which boot they belong to. The one place that reads them for the journal."""

    def __init__(self) -> None:
        try:
            self.boot = uuid.UUID(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()).bytes
        except OSError:  # not Linux: a boot per process is the honest second best
            self.boot = os.urandom(16)

    def wall_ms(self) -> int:
        """Unix time in milliseconds."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Milliseconds since some moment of this boot."""
        return time.monotonic_ns() // 1_000_000

    def step(self) -> ClockStep | None:
        """A jump of the wall clock that the next transaction follows; a clock that follows every one has none."""
        return None

    def follow(self, step: ClockStep) -> None:
        """That transaction has held."""


class ClockStep(NamedTuple):
    """A jump of the wall clock that is to be followed now."""

    by_ms: int
    passed: bool
    """Whether that time has really passed: the box was off. Otherwise nothing that runs gets older by it."""
    why: str
