"""Whether a screen's picture is what should stand there: by what it says, by its colours, by its outlines."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image, ImageStat

from edge.domain.displays.facts import Verdict
from signage.media import SIDE
from signage.upright import turned

if TYPE_CHECKING:
    from device_drivers.contract import Box
    from edge.gateway.device_views import DevicePicture
    from signage.playing import Play

ACROSS, DOWN = 9, 8
ALIKE: Final = 10
"""Of 64 bits that may differ: it is the same picture, smaller and in fewer colours."""
FREE: Final = (0.12, 0.58)
"""Between these shares of the glass's height nothing is drawn over a file: no name, no key."""
FORMATS: Final = ("PNG", "JPEG", "WEBP")
"""What screens send and show: no other decoder sees what came from a device."""
FLAT: Final = 3.0
"""Standard deviation of the greys below which a picture is of one colour."""


class PictureVerdict(NamedTuple):
    """What a look found, and what should have stood there."""

    verdict: Verdict
    play: Play | None = None
    distance: int | None = None


def check_picture(
    picture: DevicePicture | None, plays: Sequence[Play], file_of: Callable[[str], Path | None]
) -> PictureVerdict:
    """What a picture says, where one of these should stand in it: the one of its moment, or of just around it."""
    if picture is None:
        return PictureVerdict("no_answer", plays[0])
    seen = _read(picture.png)
    if seen is None or _flat(seen):
        return PictureVerdict("blank", plays[0])
    if picture.shown is None:
        return PictureVerdict("in_use")
    said = (picture.shown.playlist, picture.shown.item)
    right = next((play for play in plays if (play.playlist, play.item.id) == said), None)
    if right is None:
        return PictureVerdict("other", plays[0])
    distance = _distance(seen, picture.shown.box, _files(right, file_of))
    return PictureVerdict("good" if distance is None or distance <= ALIKE else "unlike", right, distance)


def _files(play: Play, file_of: Callable[[str], Path | None]) -> list[Path]:
    """The pictures that the item shows, in whatever language."""
    if getattr(play.item, "still", None) is not None:
        return []  # a film: no moment of it is known here
    return [path for sha256 in getattr(play.item, "media", {}).values() if (path := file_of(sha256)) is not None]


def _distance(seen: Image.Image, box: Box | None, files: Iterable[Path]) -> int | None:
    """Bits of the hash that differ from the likest of the files; None where there is nothing to compare.

    A file that fills the glass may reach beyond it: what can be seen of it is compared.
    """
    if box is None or min(box.width, box.height) <= 0 or box.top >= FREE[1] or box.top + box.height <= FREE[0]:
        return None
    left, top = max(0.0, box.left), max(FREE[0], box.top)
    right, bottom = min(1.0, box.left + box.width), min(FREE[1], box.top + box.height)
    if (right - left) * seen.width < ACROSS or (bottom - top) * seen.height < DOWN:
        return None
    part = _part(seen, left, top, right, bottom)
    inner = [(at - start) / whole for at, start, whole in (
        (left, box.left, box.width), (top, box.top, box.height),
        (right, box.left, box.width), (bottom, box.top, box.height),
    )]  # fmt: skip
    mine = dhash(part)
    found = [(mine ^ dhash(_part(file, *inner))).bit_count() for path in files if (file := _read(path)) is not None]
    return min(found, default=None)


def _part(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """A part of it, by shares of its width and height; at least a pixel."""
    width, height = picture.size
    x, y = round(left * width), round(top * height)
    return picture.crop((x, y, max(x + 1, round(right * width)), max(y + 1, round(bottom * height))))


def dhash(picture: Image.Image) -> int:
    """64 bits: whether each of 8 by 8 places is lighter than the one at its right."""
    small = picture.convert("L").resize((ACROSS, DOWN)).tobytes()
    bits = 0
    for row in range(DOWN):
        for place in range(ACROSS - 1):
            at = row * ACROSS + place
            bits = bits << 1 | (small[at] > small[at + 1])
    return bits


def _read(source: bytes | Path) -> Image.Image | None:
    """A picture; None where it is none, or nothing here can read it, or it is larger than any that a screen holds."""
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as found:
            return _coloured(turned(found) or found) if max(found.size) <= SIDE else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # a broken PNG is a `SyntaxError`
        return None


def _coloured(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, of which a mere conversion keeps the lowest
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("RGB")


def _flat(picture: Image.Image) -> bool:
    return ImageStat.Stat(picture.convert("L")).stddev[0] < FLAT
