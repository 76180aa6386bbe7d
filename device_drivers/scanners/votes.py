"""Which codes a camera has seen for sure, over several pictures, and which of them are new."""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import combinations
from math import inf
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import msgspec

from device_drivers.scanners.evidence import ENOUGH, MARGIN, Extent, disputed, extent, weight
from device_drivers.scanners.reads import MATRIX, RETAIL, SHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from device_drivers.scanners.proof import Proof
    from device_drivers.scanners.reads import Key, Read

AGAIN: Final = 0.5
"""What the same engine adds in a further picture, of its weight: less than another engine, more than another view."""
DISPUTED: Final = 2.0
"""So many times the evidence of another code at the same place is needed, and `MARGIN`: a later picture will tell.
What may be a part of the code counts once.
"""
SOLID: Final = 1.2
"""At least one read has to be worth this, or two engines agree: a slanted code held still shows the same wrong code in
one or two rows of every picture.
"""
LARGE: Final = {"ean13": 119, "upca": 119, "databar-ltd": 99, "databar": inf, "ean8": inf, "upce": inf}
"""Pixels of length from which what one engine reads, and no catalogue knows, needs no second look: 1.25 a module. Below
that, a slanted code held still can show the same wrong code in every picture, with a right check digit; the short
ones also where bars are too thick or too thin, and a DataBar wherever two of its halves fit by chance.
"""
SURE: Final = 3.0
"""Evidence from which a product of the catalogue needs a vote less."""


class VoteRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many pictures must agree."""

    matrix: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    """QR and Data Matrix correct errors themselves."""
    linear: Annotated[int, msgspec.Meta(ge=1, le=100)] = 2
    short: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    """UPC-E, EAN-8, ITF: parts of other codes look like them."""
    within_s: Annotated[float, msgspec.Meta(ge=0.1, le=3600)] = 1.2
    """Votes older than this do not count."""
    forget_s: Annotated[float, msgspec.Meta(ge=0.1, le=3600)] = 1.5
    """A code that was not seen for so long has left; then it counts anew."""
    forget_frames: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 16
    """… and in so many pictures: each way of looking had its turn twice."""


class Sighting(NamedTuple):
    """A read in one picture."""

    at: float
    read: Read
    extent: Extent
    worth: float


class Counted(NamedTuple):
    """A code with all that speaks for it."""

    read: Read
    extent: Extent
    score: float
    frames: int
    first_at: float
    solid: bool
    large: bool
    agreed: bool
    """Whether two engines read it."""


class Seen(NamedTuple):
    """A code that is announced."""

    read: Read
    extent: Extent
    first_at: float
    at: float
    frames: int
    known: bool | None
    """Whether the catalogue has it; None without a catalogue, and for what is no product."""


class Ballot:
    """Counts votes. Times are seconds on any clock that only goes forward."""

    def __init__(self, rules: VoteRules, known: Callable[[str], bool] | None = None) -> None:
        """`known` says whether a GTIN of 14 digits is in the catalogue."""
        self._rules, self._known = rules, known
        self._sightings: deque[Sighting] = deque(maxlen=512)
        self._present: dict[Key, list[float]] = {}
        """By code that was announced: when it was last seen, and how many pictures ago."""

    def cast(self, reads: Sequence[Read], at: float, proof: Proof | None = None) -> list[Seen]:
        """The reads of one picture; those codes that are sure now and were not announced yet. What one engine alone
        has read must not be refuted by this picture, and what is short or small must be proven by it.
        """
        self._forget(at)
        now = set()
        for read in reads:
            place = extent(read)
            self._sightings.append(Sighting(at, read, place, weight(read, place)))
            now.add(read.key)
            if read.key in self._present:
                self._present[read.key] = [at, 0]
        if not now - self._present.keys():
            return []
        codes = self._count_by_code()
        two = _two(reads, proof)
        sure = [
            code
            for key in now - self._present.keys()
            if self._sure(code := codes[key], [other for other in codes.values() if {key, other.read.key} not in two])
            and (code.agreed or proof is None or self._believed(code, proof.of(key, reads)))
        ]
        for code in sure:
            self._present[code.read.key] = [at, 0]
        return [
            Seen(code.read, code.extent, code.first_at, at, code.frames, self._catalogued(code.read)) for code in sure
        ]

    def new(self, reads: Iterable[Read]) -> list[Read]:
        """Those of codes that were not announced yet."""
        return [read for read in reads if read.key not in self._present]

    @property
    def present(self) -> int:
        """How many announced codes have not left."""
        return len(self._present)

    def still(self, seconds: float) -> None:
        """Nothing has moved for so long: what is there stays there."""
        for last in self._present.values():
            last[0] += seconds

    def _forget(self, at: float) -> None:
        while self._sightings and at - self._sightings[0].at > self._rules.within_s:
            self._sightings.popleft()
        for last in self._present.values():
            last[1] += 1
        gone = [
            key
            for key, (seen_at, frames) in self._present.items()
            if at - seen_at > self._rules.forget_s and frames > self._rules.forget_frames
        ]
        for key in gone:
            del self._present[key]

    def _count_by_code(self) -> dict[Key, Counted]:
        groups: dict[Key, list[Sighting]] = defaultdict(list)
        for sighting in self._sightings:
            groups[sighting.read.key].append(sighting)
        return {key: _count(group) for key, group in groups.items()}

    def _sure(self, code: Counted, codes: Iterable[Counted]) -> bool:
        rivals = [
            other.score * (DISPUTED if other.read.format not in SHORT or code.read.format in SHORT else 1)
            for other in codes
            if other is not code and disputed(code.read, code.extent, other.read, other.extent)
        ]
        least = max([ENOUGH, *(rival + MARGIN for rival in rivals)])
        return code.solid and code.score >= least and code.frames >= self._needed(code)

    def _believed(self, code: Counted, proven: bool | None) -> bool:
        return code.large or self._catalogued(code.read) is True if proven is None else proven

    def _needed(self, code: Counted) -> int:
        kind = code.read.format
        if kind in MATRIX:
            return self._rules.matrix + (code.read.engine != "zxing")
        needed = self._rules.short if kind in SHORT else self._rules.linear
        known = self._catalogued(code.read)
        if known is False:
            return needed + 1
        return max(1, needed - 1) if known and code.score >= SURE else needed

    def _catalogued(self, read: Read) -> bool | None:
        if self._known is None or (gtin := gtin_of(read)) is None:
            return None
        return self._known(gtin)


def gtin_of(read: Read) -> str | None:
    """The GTIN of a product's code, 14 digits; None for what is none, and for the store's own numbers (prefix 2)."""
    if read.format in ("databar", "databar-exp", "databar-ltd"):
        return read.text[2:16] if read.text.startswith("01") else None
    if read.format not in RETAIL or (read.format in ("ean13", "ean8") and read.text.startswith("2")):
        return None
    return None if read.text.startswith("02") and len(read.text) == 13 else read.text.zfill(14)


def _two(reads: Sequence[Read], proof: Proof | None) -> list[set[Key]]:
    """Those of the codes at one place that are two, one above the other."""
    return [
        {one.key, other.key}
        for one, other in combinations(reads, 2)
        if proof and disputed(one, extent(one), other, extent(other)) and proof.apart(one, other)
    ]


def _count(group: Sequence[Sighting]) -> Counted:
    """Of one engine in one picture only the best read counts."""
    engines: dict[str, dict[float, float]] = defaultdict(dict)
    for sighting in group:
        frames = engines[sighting.read.engine]
        frames[sighting.at] = max(frames.get(sighting.at, 0.0), sighting.worth)
    score = sum(_sum(list(frames.values())) for frames in engines.values())
    best = max(group, key=lambda sighting: sighting.worth)
    agreed = len(engines) > 1
    solid = agreed or best.worth >= SOLID
    large = best.extent.length >= LARGE.get(best.read.format, 0)
    pictures = len({sighting.at for sighting in group})
    return Counted(best.read, group[-1].extent, score, pictures, group[0].at, solid, large, agreed)


def _sum(worths: Sequence[float]) -> float:
    return max(worths) + AGAIN * (sum(worths) - max(worths))
