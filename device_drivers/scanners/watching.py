"""From a film to announcements: gate, a quick look and one deeper look in turn at each picture, votes, forgetting.

Nothing here knows a camera or a clock: pictures come with the second they were taken at.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from device_drivers.scanners.gate import Gate
from device_drivers.scanners.proof import Proof
from device_drivers.scanners.stages import STAGES, Views
from device_drivers.scanners.views import scaled, whole
from device_drivers.scanners.votes import Ballot, VoteRules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from device_drivers.scanners.reads import Read
    from device_drivers.scanners.stages import Stage
    from device_drivers.scanners.views import View
    from device_drivers.scanners.votes import Seen

TURNS: Final[tuple[tuple[Stage, ...], ...]] = (
    ("zxing", "quick-focused"),
    ("quick-enlarged", "quick-stretched", "zxing-inverted"),
    ("quick-upright",),
    ("zxing-enlarged",),
    ("opencv",),
    ("quick-zbar",),
)
"""Deeper looks: one of these at each picture in which the quick one found nothing new. What costs little shares a
turn; the ones that find most come first, for a code is often shown for few pictures.
"""
SETTLED: Final = 6
"""After so many pictures without news only every other one gets a deeper look, for a second code."""
DIM: Final = 70.0
"""Mean gray below which the turn with the stretched picture is the first."""
MAX_SIDE: Final = 960
"""Larger pictures are halved for every look but the first turn's."""


class Rotation:
    """Whose turn it is. A turn that found something has the next picture too, so that a second vote comes soon."""

    def __init__(self, turns: Sequence[tuple[Stage, ...]] = TURNS) -> None:
        self._turns = turns
        self._next = 0
        self._again = 0

    def begin(self, first: int = 0) -> None:
        """From the first turn, or from another one."""
        self._next, self._again = first, 0

    def turn(self) -> tuple[Stage, ...]:
        """The stages for this picture."""
        return self._turns[self._next]

    def took(self, *, fruitful: bool) -> None:
        """What came of it. A turn that repeats a read which is never believed gives way after three pictures."""
        self._again = self._again + 1 if fruitful else 0
        if not fruitful or self._again >= 3:
            self._next = (self._next + 1) % len(self._turns)
            self._again = 0


class Watcher:
    """Looks at the pictures of one camera, one after the other."""

    def __init__(self, rules: VoteRules | None = None, known: Callable[[str], bool] | None = None) -> None:
        self._ballot = Ballot(rules or VoteRules(), known)
        self._gate = Gate()
        self._rotation = Rotation()
        self._last_at: float | None = None
        self._asleep = True
        self._since_new = 0
        """In how many pictures in turn all that the quick look saw was announced already."""
        self.spent_s = 0.0
        """CPU time of the last picture that was looked at."""

    @property
    def present(self) -> int:
        """How many codes that were announced are still there."""
        return self._ballot.present

    def take(self, picture: NDArray[np.uint8], at: float) -> list[Seen]:
        """The codes that are sure with this picture (BGR or gray, taken at second `at`) and were not announced yet.
        Raises `ValueError` for what is no picture.
        """
        began = time.thread_time()
        view = whole(picture)
        if not self._gate.open(view.gray, at):
            if self._last_at is not None:
                self._ballot.still(at - self._last_at)
            self._last_at, self._asleep = at, True
            return []
        self._last_at = at
        if self._asleep:
            self._rotation.begin(1 if float(view.gray[::8, ::8].mean()) < DIM else 0)
            self._asleep = False
        seen = self._look(view, at)
        self.spent_s = time.thread_time() - began
        return seen

    def _look(self, view: View, at: float) -> list[Seen]:
        views = Views(scaled(view, 0.5) if max(view.gray.shape) > MAX_SIDE else view)
        reads = STAGES["fast"](views, "fast")
        new = self._ballot.new(reads)
        self._since_new = 0 if new or not reads else self._since_new + 1
        if not new and (self._since_new < SETTLED or self._since_new % 2):
            deeper = self._deeper(views if self._rotation.turn() != TURNS[0] else Views(view))
            self._rotation.took(fruitful=bool(self._ballot.new(deeper)))
            reads = [*reads, *deeper]
        return self._ballot.cast(reads, at, Proof(view))

    def _deeper(self, views: Views) -> list[Read]:
        return [read for stage in self._rotation.turn() for read in STAGES[stage](views, stage)]
