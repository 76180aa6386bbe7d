"""Pictures and films are told from what is cut off, damaged, too large, or something else."""

from __future__ import annotations

import bisect
import io
import zlib
from pathlib import Path

import pytest
from PIL import Image

from signage.media import BadMedia, examined

POSTER = Path(__file__).parents[2] / "config" / "media" / "breakfast-de.jpg"


def drawn(form: str, size: tuple[int, int] = (320, 200), **more: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, form, **more)
    return out.getvalue()


def png(size: tuple[int, int], raw: bytes, *, pieces: int = 1, head: bytes = b"\x08\x02\0\0\0") -> bytes:
    """A PNG that says this size and holds these bytes."""
    packed = zlib.compress(raw, 9)
    step = -(-len(packed) // pieces)
    chunks = [(b"IHDR", size[0].to_bytes(4) + size[1].to_bytes(4) + head)]
    chunks += [(b"IDAT", packed[at : at + step]) for at in range(0, len(packed), step)]
    chunks.append((b"IEND", b""))
    parts = (len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4) for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


INTERLACED = b"\x08\x02\0\0\1"


def interlaced(size: tuple[int, int]) -> bytes:
    """What an interlaced picture of that size needs, as Pillow counts it: one byte less and it does not read it."""

    def enough(length: int) -> bool:
        try:
            Image.open(io.BytesIO(png(size, bytes(length), head=INTERLACED))).load()
        except OSError:
            return False
        return True

    most = size[0] * size[1] * 3 + size[1] * 8
    length = bisect.bisect_left(range(most), True, key=enough)
    return bytes(length)


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4) + kind + content


UPRIGHT = (1, 0, 0, 0, 1, 0)


def film(
    codec: bytes = b"avc1",
    ms: int = 6000,
    size: tuple[int, int] = (1280, 720),
    matrix: tuple[int, ...] = UPRIGHT,
) -> bytes:
    mvhd = box(b"mvhd", bytes(12) + (1000).to_bytes(4) + ms.to_bytes(4) + bytes(80))
    sides = (size[0] << 16).to_bytes(4) + (size[1] << 16).to_bytes(4)
    turn = b"".join((each << 16).to_bytes(4, signed=True) for each in matrix)
    tkhd = box(b"tkhd", bytes(40) + turn + bytes(8) + (1 << 30).to_bytes(4) + sides)
    stsd = box(b"stsd", bytes(8) + box(codec, bytes(78)))
    mdia = box(b"mdia", box(b"minf", box(b"stbl", stsd)))
    return box(b"ftyp", b"isom") + box(b"moov", mvhd + box(b"trak", tkhd + mdia)) + box(b"mdat", bytes(500))


@pytest.mark.parametrize(
    ("content", "type", "size"),
    [
        (drawn("PNG"), "image/png", (320, 200)),
        (drawn("JPEG"), "image/jpeg", (320, 200)),
        (drawn("JPEG", progressive=True), "image/jpeg", (320, 200)),
        (drawn("JPEG") + drawn("JPEG", (64, 48)) + film() + b"SEFT", "image/jpeg", (320, 200)),
        (drawn("JPEG", progressive=True) + b"\0\0what a phone adds", "image/jpeg", (320, 200)),
        (drawn("WEBP"), "image/webp", (320, 200)),
        (drawn("WEBP", lossless=True), "image/webp", (320, 200)),
        (POSTER.read_bytes(), "image/jpeg", (1080, 1920)),
        (png((320, 200), bytes(200 * 961), pieces=7), "image/png", (320, 200)),
        (png((33, 17), interlaced((33, 17)), head=INTERLACED), "image/png", (33, 17)),
        (png((320, 200), bytes(200 * 41), head=b"\1\0\0\0\0"), "image/png", (320, 200)),
        (film(), "video/mp4", (1280, 720)),
    ],
)
def test_it_is_what_it_says(content: bytes, type: str, size: tuple[int, int]) -> None:
    found = examined(content)
    assert (found.type, found.width, found.height) == (type, *size)
    assert found.bytes == len(content)


@pytest.mark.parametrize("whole", [drawn("PNG"), drawn("JPEG"), drawn("WEBP"), film()])
def test_what_is_cut_off_anywhere_is_told(whole: bytes) -> None:
    for part in (0.1, 0.35, 0.6, 0.85, 0.995):
        with pytest.raises(BadMedia):
            examined(whole[: int(len(whole) * part)])


def test_a_jpeg_that_is_cut_off_and_filled_up_is_told() -> None:
    whole = drawn("JPEG")
    for part in (0.1, 0.35, 0.6, 0.85, 0.995):
        with pytest.raises(BadMedia):
            examined(whole[: int(len(whole) * part)] + bytes(len(whole)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected a picture"),
        (b"<svg/>", "expected a picture"),
        (drawn("PNG", (8, 400)), "expected 16 to 4096 pixels a side; found 8 x 400"),
        (drawn("WEBP", save_all=True, append_images=[Image.new("RGB", (320, 200))]), "this WebP moves"),
        (box(b"ftyp", b"heic") + box(b"meta", bytes(500)), "this is HEIC or AVIF, whatever its name"),
        (box(b"ftyp", b"mif1" + bytes(4) + b"avif") + box(b"mdat", bytes(500)), "this is HEIC or AVIF"),
        (film(b"hev1"), "expected a film in H.264"),
        (film(ms=500), "expected a film of 1 to 120 s; found 0.5 s"),
        (film(ms=300_000), "expected a film of 1 to 120 s; found 300 s"),
        (film(size=(3840, 2160)), "expected 16 to 1920 pixels a side"),
        (film(matrix=(0, 1, 0, -1, 0, 0)), "expected a film that stands upright"),
        (film(matrix=(-1, 0, 0, 0, -1, 0)), "expected a film that stands upright"),
        (drawn("PNG")[:60] + b"\0" + drawn("PNG")[61:], "damaged"),
        (png((320, 200), b""), "smaller than it says"),
        (png((320, 200), bytes(200 * 961 - 1)), "smaller than it says"),
        (png((33, 17), interlaced((33, 17))[:-1], head=INTERLACED), "smaller than it says"),
    ],
)
def test_what_screens_cannot_show_is_told_in_words(content: bytes, said: str) -> None:
    with pytest.raises(BadMedia, match=said):
        examined(content)
