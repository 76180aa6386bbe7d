"""Whether a file is a picture or a film that screens can show: read from its own bytes, to its last one.

A file that is cut off, or says another size than it has, is told from a whole one without decoding it.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from device_drivers.contract.playlists import MediaFile

MAX_PICTURE_BYTES: Final = 4 * 1024 * 1024
MAX_FILM_BYTES: Final = 64 * 1024 * 1024
"""Bytes."""
SIDE: Final = 4096
"""Pixels that a small box's graphics hold."""
FILM_SIDE: Final = 1920
FILM_MS: Final = 120_000
CHANNELS: Final = {2: 3, 4: 2, 6: 4}
"""Of a PNG, by its kind of colour; of all others one."""
PHOTOS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
"""Kinds of photos that begin as films do; no screen reads them."""
MOVES: Final = 0x02
"""The flag of a WebP that is a film."""
WHOLE: Final = ((0, 0, 1, 1),)
PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The pictures that an interlaced PNG is made of: their first column and line, and how far the next are."""
PIECE: Final = 2**20
MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends a scan of a JPEG: in its data 255 is followed by 0, or by one of the marks to begin anew at."""


class BadMedia(ValueError):
    """No picture or film for a screen; the message says why."""


class _Found(NamedTuple):
    type: str
    width: int
    height: int
    ms: int = 0


def examined(content: bytes) -> MediaFile:
    """What a file is. Raises `BadMedia`."""
    if len(content) > MAX_FILM_BYTES:
        raise BadMedia(f"expected at most {MAX_FILM_BYTES // 2**20} MiB; found {len(content) / 2**20:.1f}")
    found = _read(content)
    film = found.type.startswith("video")
    most, side = (MAX_FILM_BYTES, FILM_SIDE) if film else (MAX_PICTURE_BYTES, SIDE)
    if len(content) > most:
        raise BadMedia(f"expected at most {most // 2**20} MiB for a picture; found {len(content) / 2**20:.1f}")
    if not 16 <= min(found.width, found.height) <= max(found.width, found.height) <= side:
        raise BadMedia(f"expected 16 to {side} pixels a side; found {found.width} x {found.height}")
    if film and not 1_000 <= found.ms <= FILM_MS:
        raise BadMedia(f"expected a film of 1 to {FILM_MS // 1000} s; found {found.ms / 1000:g} s")
    digest = hashlib.sha256(content).hexdigest()
    return MediaFile(digest, found.type, len(content), found.width, found.height, found.ms)


def _read(content: bytes) -> _Found:
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
        if content[4:8] == b"ftyp":
            if content[8:12] in PHOTOS:
                raise BadMedia(
                    "expected a picture (PNG, JPEG, WebP); this is HEIC or AVIF, whatever its name: export it"
                )
            return _mp4(content)
    except (IndexError, ValueError) as error:
        if isinstance(error, BadMedia):
            raise
        raise BadMedia("expected a whole file; it is cut off or damaged") from None
    raise BadMedia("expected a picture (PNG, JPEG, WebP) or a film (MP4); found none of them")


def _exactly(content: bytes, place: int, length: int) -> bytes:
    found = content[place : place + length]
    if len(found) < length:
        raise BadMedia("expected a whole file; it is cut off")
    return found


def _png(content: bytes) -> _Found:
    place, size, needs = 8, (0, 0), 0
    data = zlib.decompressobj()
    while True:
        length = int.from_bytes(_exactly(content, place, 4))
        chunk = _exactly(content, place + 4, length + 4)
        if zlib.crc32(chunk) != int.from_bytes(_exactly(content, place + 8 + length, 4)):
            raise BadMedia("expected a whole PNG; a part of it is damaged")
        if chunk[:4] == b"IHDR":
            size = (int.from_bytes(chunk[4:8]), int.from_bytes(chunk[8:12]))
            needs = _raw_bytes(*size, chunk[12:17]) if max(size) <= SIDE else 0
        if chunk[:4] == b"IDAT":
            needs -= _unpacked(data, chunk[4:], needs)
        if chunk[:4] == b"IEND":
            if needs:
                raise BadMedia("expected a whole PNG; its picture is smaller than it says")
            return _Found("image/png", *size)
        place += 12 + length


def _raw_bytes(width: int, height: int, head: bytes) -> int:
    """How many bytes a PNG of that size has before they are packed: a line has one more than its pixels."""
    depth, colour, _, _, interlaced = head
    bits = depth * CHANNELS.get(colour, 1)
    found = 0
    for left, top, across, down in PASSES if interlaced else WHOLE:
        columns, lines = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0:
            found += max(0, lines) * (1 + -(-columns * bits // 8))
    return found


def _unpacked(data: Any, packed: bytes, most: int) -> int:
    """How many bytes it has, of so many that are wanted; no more are ever made, and none is kept."""
    count = 0
    while count < most:
        try:
            found = len(data.decompress(packed, min(PIECE, most - count)))
        except zlib.error:
            raise BadMedia("expected a whole PNG; a part of it is damaged") from None
        count, packed = count + found, data.unconsumed_tail
        if not found and not packed:
            break
    return count


def _jpeg(content: bytes) -> _Found:
    for marker, body in _segments(content):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _Found("image/jpeg", int.from_bytes(body[3:5]), int.from_bytes(body[1:3]))
    raise BadMedia("expected a JPEG that says its size; found none")


def _segments(content: bytes) -> list[tuple[int, bytes]]:
    """Marker and inside of each part of a JPEG, to the mark of its end. What stands behind that is nobody's picture:
    phones put a second one there, or a film.
    """
    place = 2
    found: list[tuple[int, bytes]] = []
    while True:
        if _exactly(content, place, 1) != b"\xff":
            raise BadMedia("expected a JPEG; found damage")
        marker = _exactly(content, place + 1, 1)[0]
        if marker == 0xD9:
            return found
        if marker == 0xFF:
            place += 1
            continue
        length = int.from_bytes(_exactly(content, place + 2, 2))
        found.append((marker, _exactly(content, place + 4, length - 2)))
        place += 2 + length
        if marker == 0xDA:
            following = MARKER.search(content, place)
            place = following.start() if following else len(content)


def _webp(content: bytes) -> _Found:
    if int.from_bytes(content[4:8], "little") + 8 > len(content):
        raise BadMedia("expected a whole WebP; it is cut off")
    kind = content[12:16]
    if kind == b"VP8X":
        if content[20] & MOVES:
            raise BadMedia("expected a picture that stands still; this WebP moves: make it a film (MP4)")
        width, height = (int.from_bytes(content[place : place + 3], "little") + 1 for place in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(content[place : place + 2], "little") & 0x3FFF for place in (26, 28))
    return _Found("image/webp", width, height)


def _boxes(content: bytes, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of each box's inside."""
    while place < end:
        length, kind, head = int.from_bytes(_exactly(content, place, 4)), _exactly(content, place + 4, 4), 8
        if length == 1:
            length, head = int.from_bytes(_exactly(content, place + 8, 8)), 16
        elif length == 0:
            length = end - place
        if length < head or place + length > end:
            raise BadMedia("expected a whole film; it is cut off")
        yield kind, place + head, place + length
        place += length


def _mp4(content: bytes) -> _Found:
    top = {kind: (begin, end) for kind, begin, end in _boxes(content, 0, len(content))}
    if b"moov" not in top or b"mdat" not in top:
        raise BadMedia("expected a whole film; it lacks its index or its pictures")
    inside = list(_boxes(content, *top[b"moov"]))
    tracks = [_boxes(content, begin, end) for kind, begin, end in inside if kind == b"trak"]
    parts = [part for track in tracks for part in track]
    heads = [end for kind, _, end in parts if kind == b"tkhd"]
    if any(map(partial(_is_turned, content), heads)):
        raise BadMedia("expected a film that stands upright; this one is only marked as turned: export it so")
    sizes = [_size(content, end) for end in heads]
    # H.264 alone: every small box decodes it; others cost it more than it has.
    if not any(b"avc1" in content[begin:end] for kind, begin, end in parts if kind == b"mdia"):
        raise BadMedia("expected a film in H.264 (avc1), which a small box plays; found another coding")
    ms = next((_duration(content, begin) for kind, begin, _ in inside if kind == b"mvhd"), 0)
    return _Found("video/mp4", *max(sizes), ms)


def _duration(content: bytes, begin: int) -> int:
    at, wide = (begin + 20, 8) if content[begin] else (begin + 12, 4)
    scale = int.from_bytes(content[at : at + 4])
    return int.from_bytes(content[at + 4 : at + 4 + wide]) * 1000 // scale if scale else 0


def _is_turned(content: bytes, end: int) -> bool:
    """Whether a track's matrix, which stands before its size, turns or mirrors it: screens show it as it lies."""
    a, b, _, c, d = (int.from_bytes(content[at : at + 4], signed=True) for at in range(end - 44, end - 24, 4))
    return bool(b or c) or min(a, d) < 0


def _size(content: bytes, end: int) -> tuple[int, int]:
    return int.from_bytes(content[end - 8 : end - 4]) >> 16, int.from_bytes(content[end - 4 : end]) >> 16
