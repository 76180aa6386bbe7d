"""A picture of the screen small enough for the bus: a PNG with a palette, as large as 48 KiB of base64 allow."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import Final

import msgspec
from PIL import Image

from device_drivers.contract import MAX_PICTURE, OnGlass

TRIES: Final = ((450, 64), (360, 64), (360, 32), (270, 24), (180, 16), (90, 8))
"""Widths in pixels and numbers of colours, best first; the last one always fits."""


class Frame(msgspec.Struct, frozen=True):
    """What the window shows: RGBA rows from the top down."""

    width: int
    height: int
    pixels: bytes
    shown: OnGlass | None = None
    """What of a playlist it shows."""


def png(frame: Frame, width: int, colours: int) -> bytes:
    """The frame, no wider than `width` pixels, in so many colours."""
    picture = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    # Without dithering flat ground stays flat, and small. Maximum coverage keeps the few pixels of a strong colour,
    # which median cut turns brown; one round of k-means puts the pale tints right.
    reduced = picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def snapshot(frame: Frame, limit: int = MAX_PICTURE) -> str:
    """The frame as a PNG in base64 of at most so many bytes, as sharp as that allows."""
    text = ""
    for width, colours in TRIES:
        text = b64encode(png(frame, width, colours)).decode("ascii")
        if len(text) <= limit:
            break
    return text
