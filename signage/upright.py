"""Photos as they are meant to be seen: cameras leave them as the sensor had them, and mark beside how to turn them."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Final

from PIL import ExifTags, Image

_TURN: Final = Image.Transpose
_TURNS: Final = dict(enumerate((
    _TURN.FLIP_LEFT_RIGHT, _TURN.ROTATE_180, _TURN.FLIP_TOP_BOTTOM, _TURN.TRANSPOSE, _TURN.ROTATE_270, _TURN.TRANSVERSE,
    _TURN.ROTATE_90,
), 2))  # fmt: skip
"""By the number that Exif has for how a picture lies; 1 is upright."""


def turned(picture: Image.Image) -> Image.Image | None:
    """A picture that was just opened, turned as its mark says; None where it lies as it is meant to, or the mark is
    damaged. Raises what reading its pixels does.
    """
    how = None
    # Of what stands before the pixels: asked for more, a PNG without a mark is unpacked whole.
    if picture.info.get("exif"):
        with suppress(OSError, ValueError, SyntaxError, struct.error):
            how = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    return None if how is None else picture.transpose(how)
