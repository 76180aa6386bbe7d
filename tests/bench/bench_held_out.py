"""What the decoder does with photos of a source that nobody tuned it on.

Each source of the labelled photos is left out once: how much evidence is enough, and how much more it must be than a
rival's, is chosen on the others alone, and counted on the one that was left out. `STOREKEEPER_PHOTOS` names the folder
(`docs/benchmarks.md`). Takes about ten minutes: every stage looks at every photo.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import cv2

from device_drivers.scanners import evidence
from device_drivers.scanners.decode import CASCADE
from device_drivers.scanners.proof import Proof
from device_drivers.scanners.stages import STAGES, Views
from device_drivers.scanners.views import whole
from tests.bench.bench_scan import scorer
from tests.bench.report import Goal, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from device_drivers.scanners.reads import Read

ENOUGH: Final = (0.9, 1.2, 1.6, 2.0, 2.4)
MARGIN: Final = (0.5, 1.0, 1.5)
MAX_WRONG: Final = 0.003
"""Of the codes that it is chosen on."""


class Photo(NamedTuple):
    """A photo with what every stage reads in it."""

    source: str
    wanted: set[str]
    allowed: set[str]
    stages: list[list[Read]]
    proof: Proof


class Count(NamedTuple):
    """Codes that there are, that were read right, and that were read wrong."""

    codes: int
    right: int
    wrong: int


def main() -> int:
    place = os.environ.get("STOREKEEPER_PHOTOS", "")
    if not place or not (Path(place) / "manifest.csv").is_file():
        print("STOREKEEPER_PHOTOS names no folder with labelled photos")
        return 0
    cv2.setNumThreads(1)
    score = scorer(Path(place))
    seen = list(photos(Path(place), score))
    total = Count(0, 0, 0)
    for source in sorted({photo.source for photo in seen}):
        others = [photo for photo in seen if photo.source != source]
        enough, margin = chosen(others, score)
        found = count([photo for photo in seen if photo.source == source], enough, margin, score)
        print(f"{source}: {found.right} of {found.codes}, {found.wrong} wrong; enough {enough}, margin {margin}")
        total = Count(*(one + other for one, other in zip(total, found, strict=True)))
    recall, wrong = 100 * total.right / total.codes, 100 * total.wrong / total.codes
    show(
        "Photos of a source that was left out",
        [
            Goal("recall ≥ 89 %", f"{recall:.1f} % of {total.codes}", f"{recall / 89:.2f}", recall >= 89),
            Goal("wrong ≤ 0.5 %", f"{total.wrong}: {wrong:.2f} %", f"{wrong / 0.5:.2f}", wrong <= 0.5),
        ],
    )
    return 0


def photos(folder: Path, score: Any) -> Iterable[Photo]:
    """Every stage over every photo."""
    root, files = score.load_manifest(str(folder / "manifest.csv"))
    for name, rows in files.items():
        picture = cv2.imread(str(Path(root) / name))
        if picture is None:
            continue
        views = Views(whole(picture))
        wanted = {
            score.canon(row["symbology"], row["text"]) for row in rows if row["symbology"] not in ("NONE", "PARTIAL")
        }
        also = [each.split(":", 1) for row in rows for each in (row.get("also") or "").split("|") if ":" in each]
        allowed = {score.canon(*each) for each in also}
        stages = [STAGES[stage](views, stage) for stage in CASCADE]
        yield Photo(rows[0]["source"], wanted, allowed, stages, Proof(views.view))


def chosen(seen: Sequence[Photo], score: Any) -> tuple[float, float]:
    """What reads most with few enough mistakes; of equals, the strictest."""
    counts = {pair: count(seen, *pair, score) for pair in itertools.product(ENOUGH, MARGIN)}
    fit = {pair: found for pair, found in counts.items() if found.wrong <= MAX_WRONG * found.codes}
    return max(fit or counts, key=lambda pair: (counts[pair].right, pair))


def count(seen: Sequence[Photo], enough: float, margin: float, score: Any) -> Count:
    """The decoder's own way through the stages, with that much evidence."""
    evidence.ENOUGH_LONG, evidence.MARGIN = enough, margin  # type: ignore[misc]
    totals: dict[str, int] = defaultdict(int)
    for photo in seen:
        keys = {score.canon(read.format, read.text) for read in _decoded(photo)}
        totals["codes"] += len(photo.wanted)
        totals["right"] += len(photo.wanted & keys)
        totals["wrong"] += len(keys - photo.wanted - photo.allowed)
    return Count(totals["codes"], totals["right"], totals["wrong"])


def _decoded(photo: Photo) -> list[Read]:
    seen: list[Read] = []
    refuted: set[tuple[str, str]] = set()
    photo.proof.refuted = refuted
    for reads in photo.stages:
        seen += (read for read in reads if read.key not in refuted)
        found = [
            code.read
            for code in evidence.believed(seen, photo.proof.apart)
            if photo.proof.of(code.read.key, seen) is not False
        ]
        if found:
            return found
        seen = [read for read in seen if read.key not in refuted]
    return []


if __name__ == "__main__":
    sys.exit(main())
