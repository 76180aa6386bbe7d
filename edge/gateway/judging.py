"""Whether a screen's picture is what should stand there: by what it says, by its colours, by its outlines."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image, ImageStat, UnidentifiedImageError

from edge.domain.displays.facts import Verdict
from signage.playing import content_of

if TYPE_CHECKING:
    from device_drivers.contract import Box
    from edge.gateway.device_views import Picture
    from signage.playing import Play

ACROSS, DOWN = 9, 8
ALIKE: Final = 10
"""Of 64 bits that may differ: it is the same picture, smaller and in fewer colours."""
FLAT: Final = 3.0
"""Standard deviation of the greys below which a picture is of one colour."""


class Judged(NamedTuple):
    """What a look found, and what should have stood there."""

    verdict: Verdict
    play: Play | None = None
    distance: int | None = None


def judge(picture: Picture | None, plays: Sequence[Play], file_of: Callable[[str], Path | None]) -> Judged:
    """What a picture says, where one of these should stand in it: the one of its moment, or of just around it."""
    if picture is None:
        return Judged("no_answer", plays[0])
    seen = _read(picture.png)
    if seen is None or _flat(seen):
        return Judged("blank", plays[0])
    if picture.shown is None:
        return Judged("in_use")
    right = next((play for play in plays if content_of(play.playlist, play.item) == picture.shown.content), None)
    if right is None:
        return Judged("other", plays[0])
    distance = _distance(seen, picture.shown.box, _files(right, file_of))
    return Judged("good" if distance is None or distance <= ALIKE else "unlike", right, distance)


def _files(play: Play, file_of: Callable[[str], Path | None]) -> list[Path]:
    """The pictures that the item shows, in whatever language."""
    if getattr(play.item, "still", None) is not None:
        return []  # a film: no moment of it is known here
    return [path for sha256 in getattr(play.item, "media", {}).values() if (path := file_of(sha256)) is not None]


def _distance(seen: Image.Image, box: Box | None, files: Iterable[Path]) -> int | None:
    """Bits of the hash that differ from the likest of the files; None where there is nothing to compare."""
    if box is None:
        return None
    width, height = seen.size
    left, top = round(box.left * width), round(box.top * height)
    part = seen.crop((left, top, left + round(box.width * width), top + round(box.height * height)))
    if part.width < ACROSS or part.height < DOWN:
        return None
    mine = dhash(part)
    found = [(mine ^ dhash(file)).bit_count() for path in files if (file := _read(path)) is not None]
    return min(found, default=None)


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
    """A picture; None where it is none, or nothing here can read it."""
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as found:
            return found.convert("RGB")
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError):
        return None


def _flat(picture: Image.Image) -> bool:
    return ImageStat.Stat(picture.convert("L")).stddev[0] < FLAT
