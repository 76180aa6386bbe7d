"""Which of the reads of one picture are believed. A check digit is no proof: every wrong EAN that was ever seen in our
measurements had a right one.

Each read has a weight by how many rows of the picture say the same; engines add up, several views of one engine hardly
do, for they repeat each other's mistakes. A code is believed from `ENOUGH` on, unless another one at the same place
comes near it. The weights are those measured in `docs/drivers/camera.md`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from device_drivers.scanners.reads import MATRIX, RETAIL, SHORT, Read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ENOUGH: Final = 1.6
ENOUGH_LONG: Final = 1.2
"""The same for a code that is no part of others, in a single picture: chosen on photos of other sources
(`tests.bench.bench_held_out`). A film has further pictures to tell by.
"""
MARGIN: Final = 1.0
"""So much more than the next one at the same place."""
REPEAT: Final = 0.2
"""What a further view of the same engine adds, of its weight."""
_CONFUSED: Final = RETAIL | {"itf", "code128"}
_DATABAR: Final = frozenset({"databar", "databar-exp", "databar-ltd"})
HARSH: Final = frozenset({"zxing-sharpened", "zxing-stretched", "quick-focused", "quick-stretched"})
"""Views that make bars where there are none."""


THIN: Final = 0.05
"""Of its length: what was read of a DataBar or Code 128 is less than the bars of any are high."""


class Extent(NamedTuple):
    """Where a code is: its centre, and how long and thick what was read of it is, in pixels."""

    x: float
    y: float
    length: float
    thickness: float


class Believed(NamedTuple):
    """A code with its best read and the evidence for it."""

    read: Read
    score: float
    extent: Extent


def extent(read: Read) -> Extent:
    """The smallest upright or slanted box around the corners, by their principal direction."""
    points = np.asarray(read.quad, float)
    if len(points) == 0:
        return Extent(0.0, 0.0, 0.0, 0.0)
    x, y = (points.min(axis=0) + points.max(axis=0)) / 2
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    spread = centred @ axes.T
    spans = np.sort(spread.max(axis=0) - spread.min(axis=0))[::-1]
    return Extent(float(x), float(y), float(spans[0]), float(spans[1]) if len(spans) > 1 else 0.0)


def weight(read: Read, place: Extent) -> float:
    """How much one read is worth; what has `ENOUGH` alone stands alone."""
    if read.format in MATRIX:
        return 2.0
    harsh = 0.5 if read.stage in HARSH else 1.0
    if read.engine == "zbar":
        return _zbar(read.rows or 0.0) * (0.7 if read.format == "upce" else 1.0)
    if read.format not in RETAIL and read.format != "itf":
        # A slice of one DataBar is read as another; the check of Code 128 lets one in a hundred through.
        thin = place.thickness < THIN * place.length
        return (1.2 if thin else 2.0) * harsh
    if read.engine == "opencv":
        return 0.3 if read.format == "ean8" else 1.0
    worth = _zxing(place.thickness / max(place.length, 1.0))
    if read.format in SHORT and worth < 3:
        worth *= 0.6
    return worth * harsh


def _zxing(ratio: float) -> float:
    for least, worth in ((0.3, 3.0), (0.08, 2.0), (0.02, 1.2)):
        if ratio >= least:
            return worth
    return 0.7


def _zbar(rows: float) -> float:
    for least, worth in ((80, 3.0), (40, 2.0), (20, 1.3), (8, 0.8)):
        if rows > least:
            return worth
    return 0.4


def believed(reads: Sequence[Read], apart: Callable[[Read, Read], bool] = lambda _one, _other: False) -> list[Believed]:
    """The codes of one picture, each once for each place it is at. `apart` says that two at one place are two codes."""
    codes = sorted(_codes(reads), key=lambda code: -code.score)
    kept: list[Believed] = []
    for code in codes:
        rivals = [
            other
            for other in codes
            if other is not code
            and disputed(code.read, code.extent, other.read, other.extent)
            and not apart(code.read, other.read)
        ]
        strongest = max((rival.score for rival in rivals), default=0.0)
        least = ENOUGH if code.read.format in SHORT else ENOUGH_LONG
        if code.score >= max(least, strongest + MARGIN):
            kept.append(code)
    return kept


def _codes(reads: Sequence[Read]) -> Iterable[Believed]:
    groups: dict[tuple[str, str], list[tuple[Read, Extent]]] = defaultdict(list)
    for read in reads:
        groups[read.key].append((read, extent(read)))
    for group in groups.values():
        yield _judged(group)


def _judged(group: Sequence[tuple[Read, Extent]]) -> Believed:
    engines: dict[str, list[float]] = defaultdict(list)
    best, most = group[0], -1.0
    for read, place in group:
        worth = weight(read, place)
        engines[read.engine].append(worth)
        if worth > most:
            best, most = (read, place), worth
    score = sum(max(worths) + REPEAT * (sum(worths) - max(worths)) for worths in engines.values())
    return Believed(best[0], score, best[1])


def disputed(read: Read, place: Extent, other: Read, elsewhere: Extent) -> bool:
    """Whether both cannot be: linear codes of one family, or what looks like a part of one, at one place."""
    formats = {read.format, other.format}
    if not (formats <= _CONFUSED or formats <= _DATABAR) or read.format == other.format == "code128":
        return False
    near = float(np.hypot(place.x - elsewhere.x, place.y - elsewhere.y))
    return near < 0.6 * max(place.length, elsewhere.length)
