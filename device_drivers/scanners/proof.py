"""What one picture says for and against what was read in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.scanners.engines import LINEAR, zxing
from device_drivers.scanners.ink import agrees, has_twin
from device_drivers.scanners.reads import MATRIX
from device_drivers.scanners.stripes import around, same_bars, upright
from device_drivers.scanners.views import sharpened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_drivers.scanners.reads import Key, Read
    from device_drivers.scanners.views import View


class Proof:
    """The reads of one picture held to its ink and to another look at the same bars, each once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._inks: dict[Read, bool | None] = {}
        self._looks: dict[Read, bool | None] = {}
        self.refuted: set[Key] = set()
        """Codes that the picture speaks against."""

    def of(self, key: Key, seen: Sequence[Read]) -> bool | None:
        """True where the picture says a code once more, False where it may not be believed. Two engines that agree need
        no proof; one does, where it is known to take some digits for others.
        """
        reads = [read for read in seen if read.key == key]
        if len({read.engine for read in reads}) > 1:
            return True
        looks = [self._look(read) for read in reads]
        inks = [] if False in looks else [self._ink(read) for read in reads]
        if False in looks or False in inks:
            self.refuted.add(key)
            return False
        if reads[0].engine == "zbar" and True not in inks and has_twin(reads[0]):
            return False
        return True if True in looks else None

    def apart(self, one: Read, other: Read) -> bool:
        """Whether two reads are two codes: other bars stand at the one's place than at the other's."""
        region, elsewhere = around(self._view, one.quad), around(self._view, other.quad)
        return region is not None and elsewhere is not None and not same_bars(self._view, region, elsewhere)

    def _ink(self, read: Read) -> bool | None:
        if read not in self._inks:
            self._inks[read] = agrees(self._view, read)
        return self._inks[read]

    def _look(self, read: Read) -> bool | None:
        if read not in self._looks:
            self._looks[read] = again(self._view, read)
        return self._looks[read]


def again(view: View, read: Read) -> bool | None:
    """Whether the bars that a linear code was read from say the same when they are turned upright, enlarged and
    sharpened; None where they say nothing. At a slant of a few degrees and one or two pixels a module every row of a
    picture cuts bars at other places: a reader that tries many rows finds one with a right check digit, and one that
    gathers halves of a DataBar from many rows finds two that fit.
    """
    region = None if read.format in MATRIX else around(view, read.quad)
    if region is None:
        return None
    found = zxing(sharpened(upright(view, region), 2.0), "again", formats=LINEAR, thorough=False)
    return read.key in {other.key for other in found} if found else None
