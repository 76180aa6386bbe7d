"""The uplink's wire format: entries of the journal as zstd-compressed NDJSON and back, hash for hash. Pure: no I/O.

One line is one entry, a JSON array of four to six elements:

    ["0199a3…-7…", 412, 0, {"type":"cart.unlocked.v1",…}]        id, wall, mono, body
    ["0199a3…-7…", 412, 0, {"type":"cart.unlocked.v1",…}, "5f…"] and the boot, on the first line and where it changes

What is implied is left out: the sequence counts up from the batch's first, the stream and the hashes at both ends are
the batch's, `wall` is the difference in milliseconds to the line before and `mono` how far the monotonic clock's
difference departs from that. The first line differs from zeros. The fact's type is in its body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, TypeAlias

import msgspec
import zstandard

from edge.journal.entry import GENESIS, Entry, body_digest, entry_hash, follows, is_withheld, withheld_length
from edge.journal.fact_encoding import too_deep
from sync.messages import MAX_INTEGER, Ack, Hello, HelloReply, Place, Problem, Streams, StreamTold

__all__ = [
    "GENESIS",
    "MAX_CONTENT",
    "MAX_COUNT",
    "MAX_TEXT",
    "Ack",
    "Batch",
    "ChainBroken",
    "Hello",
    "HelloReply",
    "Malformed",
    "Parked",
    "Place",
    "Problem",
    "Row",
    "StreamTold",
    "Streams",
    "Unpacked",
    "first_break",
    "pack",
    "unpack",
]

MAX_CONTENT: Final = 8 * 1024 * 1024
"""Most compressed bytes in one batch."""
MAX_TEXT: Final = 32 * 1024 * 1024
"""Most bytes in one batch once decompressed."""
MAX_WINDOW: Final = 8 * 1024 * 1024
"""Most bytes that unpacking may look back; `pack` asks for far less."""
MAX_COUNT: Final = 10_000
"""Most entries in one batch."""

_PART: Final = 128 * 1024
Row: TypeAlias = tuple[int, bytes, str, int, int, bytes, bytes | None, bytes]
"""sequence, id, type, wall_ms, mono_ms, boot, body, hash. The type is "" where the body names none; a parked
body is None."""


class Malformed(Exception):
    """A batch that is not what its headers say. The message names what was expected and what was found."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class ChainBroken(Exception):
    """The entries of a batch do not lead from its previous hash to its last one."""


class Parked(msgspec.Struct, frozen=True):
    """An entry whose body the cloud would not take: the chain is verified past it by the body's SHA-256."""

    sequence: int
    sha256: bytes
    length: int


class Unpacked(msgspec.Struct, frozen=True):
    """A batch's entries with their hashes recomputed, and which of them are parked."""

    rows: list[Row]
    parked: list[Parked]


class Batch(msgspec.Struct, frozen=True):
    """Consecutive entries of one stream, packed."""

    stream: bytes
    first: int
    """Sequence of the first entry."""
    count: int
    previous: bytes
    """Hash of the entry before the first; GENESIS when that is none."""
    last: bytes
    """Hash of the last entry."""
    content: bytes
    """zstd-compressed NDJSON."""

    def headers(self) -> dict[str, str]:
        """The HTTP headers that go with `content`."""
        return {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "zstd",
            "From-Sequence": str(self.first),
            "Count": str(self.count),
            "Previous-Hash": self.previous.hex(),
            "Last-Hash": self.last.hex(),
            "Content-Digest": _digest(self.content),
        }

    @classmethod
    def parse(cls, stream: str, headers: Mapping[str, str], content: bytes) -> Batch:
        """The batch of an HTTP request. Raises `Malformed`."""
        if headers.get("content-digest") != _digest(content):
            raise Malformed("digest_mismatch", "Content-Digest is not the body's: damaged on the way, send it again")
        try:
            batch = cls(
                bytes.fromhex(stream),
                int(headers["from-sequence"]),
                int(headers["count"]),
                bytes.fromhex(headers["previous-hash"]),
                bytes.fromhex(headers["last-hash"]),
                content,
            )
        except (KeyError, ValueError) as error:
            raise Malformed("bad_header", f"a batch header is missing or unreadable: {error}") from None
        if {len(batch.stream), len(batch.previous), len(batch.last)} != {16}:
            raise Malformed("bad_header", "stream and hashes are 16 bytes in hexadecimal each")
        if not (1 <= batch.first <= MAX_INTEGER - MAX_COUNT and 1 <= batch.count <= MAX_COUNT):
            raise Malformed("bad_header", f"From-Sequence must be from 1 and Count from 1 to {MAX_COUNT}")
        return batch


class _Line(msgspec.Struct, array_like=True, gc=False):
    id: str
    wall: int
    mono: int
    body: msgspec.Raw
    boot: str | None = None
    form: Literal["base64", "parked"] | None = None


class _Digested(msgspec.Struct):
    sha256: str
    length: int


class _Tagged(msgspec.Struct, gc=False):
    type: str


_TYPE = b'{"type":"'
_NUMBERS = struct.Struct(">QQ")
_lines = msgspec.json.Decoder(_Line)
_raw = msgspec.json.Decoder(msgspec.Raw)
_tagged = msgspec.json.Decoder(_Tagged)
_digested = msgspec.json.Decoder(_Digested)


def pack(
    entries: Sequence[Entry],
    previous: bytes,
    parked: AbstractSet[int] = frozenset(),
    digests: Mapping[int, Parked] | None = None,
) -> Batch:
    """The batch of consecutive entries. Bodies of the sequences in `parked` are withheld, their hashes sent instead;
    of those in `digests` nothing more is known.
    """
    known = digests or {}
    lines: list[bytes] = []
    wall = mono = 0
    boot = b""
    for entry in entries:
        step = entry.wall_ms - wall
        drift = entry.mono_ms - mono - step
        if (digest := known.get(entry.sequence)) is not None:
            body, form = _parked(digest.sha256, digest.length)
        else:
            body, form = _shape(entry.body, withheld=entry.sequence in parked or is_withheld(entry.body))
        h = entry.id.hex()
        # A canonical UUID: bodies name other entries like this too, so compression finds the whole of it again.
        line = b'["%b",%d,%d,%b' % (f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}".encode(), step, drift, body)
        if form:
            line += b',"%b","%b"' % (entry.boot.hex().encode(), form)
        elif entry.boot != boot:
            line += b',"%b"' % entry.boot.hex().encode()
        lines.append(line)
        wall, mono, boot = entry.wall_ms, entry.mono_ms, entry.boot
    content = zstandard.ZstdCompressor(level=1).compress(b"]\n".join(lines) + b"]\n")
    return Batch(entries[0].stream, entries[0].sequence, len(entries), previous, entries[-1].hash, content)


def unpack(batch: Batch) -> Unpacked:
    """The entries of a batch, each hash recomputed.

    Raises `Malformed`, or `ChainBroken` when they do not lead to the last hash.
    """
    rows: list[Row] = []
    parked: list[Parked] = []
    sequence, stream, previous = batch.first, batch.stream, batch.previous
    wall = mono = 0
    boot = b""
    try:
        for line in _read(batch):
            wall += line.wall
            mono += line.wall + line.mono
            if line.boot is not None:
                boot = bytes.fromhex(line.boot)
            identity = bytes.fromhex(line.id.replace("-", ""))
            if len(identity) != 16 or len(boot) != 16 or wall > MAX_INTEGER or mono > MAX_INTEGER:
                raise Malformed("bad_entry", f"entry {sequence}: id and boot must be 16 bytes, times below 2^63")
            if line.form == "parked":
                body, kind, withheld = None, "", _withheld(line.body, sequence)
                parked.append(withheld)
                previous = _link_withheld(previous, stream, sequence, identity, wall, mono, boot, withheld.sha256)
            else:
                body = bytes(line.body) if line.form is None else _unbase64(line.body)
                kind = _type(body) if line.form is None else _parsed_type(body)
                previous = entry_hash(previous, stream, sequence, identity, wall, mono, boot, body)
            rows.append((sequence, identity, kind, wall, mono, boot, body, previous))
            sequence += 1
    except (ValueError, struct.error, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Malformed("bad_entry", f"entry {sequence}: {error}") from None
    if sequence - batch.first != batch.count:
        raise Malformed("bad_entry", f"{sequence - batch.first} lines; Count says {batch.count}")
    if previous != batch.last:
        raise ChainBroken(f"entries {batch.first} to {sequence - 1} lead to another hash than Last-Hash")
    return Unpacked(rows, parked)


def first_break(entries: Sequence[Entry], previous: bytes) -> int | None:
    """The sequence of the first entry whose stored hash is not that of its bytes; None when the chain is whole."""
    for e in entries:
        if not follows(e, previous):
            return e.sequence
        previous = e.hash
    return None


def _shape(body: bytes, *, withheld: bool) -> tuple[bytes, bytes]:
    """The body as it stands in its line, and the form's name when that is not the body itself."""
    if withheld:
        return _parked(body_digest(body), withheld_length(body) if is_withheld(body) else len(body))
    try:
        plain = bytes(_raw.decode(body)) == body and b"\n" not in body and b"\r" not in body and not too_deep(body)
    except (msgspec.DecodeError, RecursionError):
        plain = False
    return (body, b"") if plain else (b'"%b"' % base64.b64encode(body), b"base64")


def _parked(sha256: bytes, length: int) -> tuple[bytes, bytes]:
    return b'{"sha256":"%b","length":%d}' % (sha256.hex().encode(), length), b"parked"


def _read(batch: Batch) -> Iterator[_Line]:
    """Line by line, so that a small batch that unpacks to millions of them costs what was announced and no more."""
    count, size, rest = 0, 0, b""
    try:
        unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        for part in unpacker.read_to_iter(batch.content, write_size=_PART):
            size += len(part)
            if size > MAX_TEXT:
                raise Malformed("too_large", f"more than {MAX_TEXT} bytes once decompressed")
            *lines, rest = (rest + part).split(b"\n")
            if len(rest) > MAX_CONTENT:
                raise Malformed("too_large", f"a line of more than {MAX_CONTENT} bytes")
            for line in lines:
                count += 1
                if count > batch.count:
                    raise Malformed("bad_entry", f"more than {batch.count} lines, which is what Count says")
                yield _lines.decode(line)
    except zstandard.ZstdError as error:
        raise Malformed("bad_entry", f"not zstd: {error}") from None
    if rest:
        yield _lines.decode(rest)


def _type(body: bytes) -> str:
    # Facts lead with their tag; reading just that is a third of the cost of parsing the body.
    if body.startswith(_TYPE):
        tag = body[9 : body.find(b'"', 9)]
        if b"\\" not in tag and tag.isascii():
            return tag.decode()
    return _parsed_type(body)


def _parsed_type(body: bytes) -> str:
    try:
        return _tagged.decode(body).type
    except (ValueError, RecursionError):
        return ""


def _unbase64(raw: Any) -> bytes:
    try:
        return base64.b64decode(msgspec.json.decode(raw, type=str), validate=True)
    except binascii.Error as error:
        raise ValueError(f"body is not base64: {error}") from None


def _withheld(raw: Any, sequence: int) -> Parked:
    told = _digested.decode(raw)
    sha256 = bytes.fromhex(told.sha256)
    if len(sha256) != 32 or not 0 <= told.length <= MAX_INTEGER:
        raise ValueError("a parked entry names a SHA-256 and a length")
    return Parked(sequence, sha256, told.length)


def _link_withheld(  # the arguments of `link`, with the body's digest for the body
    previous: bytes, stream: bytes, sequence: int, id: bytes, wall_ms: int, mono_ms: int, boot: bytes, sha256: bytes
) -> bytes:
    places = (previous, stream, sequence.to_bytes(8, "big"), id, _NUMBERS.pack(wall_ms, mono_ms), boot, sha256)
    return hashlib.blake2b(b"".join(places), digest_size=16).digest()


def _digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
