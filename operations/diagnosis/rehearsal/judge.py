"""Pass or fail: what was measured, against the store's targets. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import Entry, small_files
from edge.journal.entry import id_text
from edge.journal.outage import Of
from edge.journal.queries import fields_of
from operations.diagnosis.books.gather import Actuations

KEPT: Final = 20


class Targets(msgspec.Struct, frozen=True):
    """What the store has set itself."""

    unlock_p99_s: float = 1.5
    failed_share: float = 0.02
    drain_s: float = 120.0
    back_s: float = 60.0


class Sample(msgspec.Struct, frozen=True):
    """One second."""

    at_s: float
    """Seconds since the cut began; below zero before it."""
    backlog: int
    cloud: bool
    """Whether the uplink said that it reaches the cloud."""
    broker: bool
    ready: bool
    online: int
    errors: int
    """Answers with an error of our own, since the gateway started."""


class UnlockSample(msgspec.Struct, frozen=True):
    """One command to a lock, from the grant to its end."""

    at_s: float
    took_s: float
    done: bool


class TargetResult(msgspec.Struct, frozen=True):
    """One target, and what was measured."""

    name: str
    """Its sentences stand in the words: `it.rehearsal.target.<name>`, and below `limit` and `found`."""
    met: bool | None
    """None where nothing happened that could be measured."""
    limit: float | None = None
    """Seconds, or a share; None where it is nothing at all, or anything but that. So are reports of older versions."""
    found: float | None = None
    """Seconds, or how many; None where it was not to be measured."""
    of: int | None = None
    """Of how many."""

    @property
    def values(self) -> dict[str, float]:
        """What its sentences fill in."""
        known = {"limit": self.limit, "found": self.found, "of": self.of}
        return {name: value for name, value in known.items() if value is not None}


class RehearsalReport(msgspec.Struct, frozen=True):
    """A rehearsal that is over, or under way."""

    id: str
    of: Of
    by: str
    from_ms: int
    seconds: int
    over: bool
    restarts: int
    """How often the gateway was started anew while it went on."""
    samples: list[Sample]
    rides: list[UnlockSample]
    targets: list[TargetResult]
    broken: bool = False
    """Whether it broke off: nobody watched it to its end, so nothing is judged."""

    @property
    def passed(self) -> bool:
        """Whether every target was met that could be measured."""
        return self.over and all(target.met is not False for target in self.targets)

    @property
    def missed(self) -> int:
        """How many targets were missed."""
        return sum(target.met is False for target in self.targets)


def rides(entries: Iterable[Entry], known: Actuations, from_ms: int) -> list[UnlockSample]:
    """Every command to a lock that was granted and ended among these entries."""
    granted: dict[str, int] = {}
    found = []
    for entry in entries:
        if entry.type in known.granted:
            granted[id_text(entry.id)] = entry.wall_ms
        elif entry.type in known.ends:
            began = granted.pop(str(fields_of(entry).get("grant")), None)
            if began is not None:
                took = (entry.wall_ms - began) / 1000
                found.append(UnlockSample((began - from_ms) / 1000, took, entry.type in known.done))
    return found


def judged(
    of: Of, samples: Sequence[Sample], found: Sequence[UnlockSample], seconds: int, targets: Targets
) -> list[TargetResult]:
    """Returns each target with what was measured."""
    during = [ride for ride in found if 0 <= ride.at_s <= seconds]
    inside = [sample for sample in samples if 0 <= sample.at_s <= seconds]
    after = [sample for sample in samples if sample.at_s > seconds]
    common = [_ready(inside), _errors(samples)]
    if of == "uplink":
        return [_was_cut(inside, "cloud"), _speed(during, targets), _failures(during, targets), *common,
                _drained(after, seconds, targets)]  # fmt: skip
    return [_was_cut(inside, "broker"), _refused(during), *common[1:], _devices_back(samples, after, seconds, targets)]


def _was_cut(inside: Sequence[Sample], what: str) -> TargetResult:
    away = sum(not getattr(sample, what) for sample in inside)
    return TargetResult(f"cut_{what}", away > 0, found=away, of=len(inside))


def _speed(during: Sequence[UnlockSample], targets: Targets) -> TargetResult:
    took = sorted(ride.took_s for ride in during if ride.done)
    slowest = took[min(len(took) - 1, int(len(took) * 0.99))] if took else None
    met = slowest <= targets.unlock_p99_s if slowest is not None else None
    return TargetResult("unlock_p99", met, targets.unlock_p99_s, slowest, len(took))


def _failures(during: Sequence[UnlockSample], targets: Targets) -> TargetResult:
    failed = sum(not ride.done for ride in during)
    met = failed <= targets.failed_share * len(during) if during else None
    return TargetResult("unlocks_done", met, targets.failed_share, failed if during else None, len(during))


def _ready(inside: Sequence[Sample]) -> TargetResult:
    away = sum(not sample.ready for sample in inside)
    return TargetResult("ready", away == 0 if inside else None, found=away)


def _errors(samples: Sequence[Sample]) -> TargetResult:
    rises = (max(0, now.errors - before.errors) for before, now in pairwise(samples))
    errors = sum(rises)
    return TargetResult("errors", errors == 0 if samples else None, found=errors)


def _drained(after: Sequence[Sample], seconds: int, targets: Targets) -> TargetResult:
    first = next((sample for sample in after if sample.cloud and sample.backlog == 0), None)
    # A busy store always has a fact on its way: what was there at the end of the cut must be gone.
    if first is None:
        first = next((sample for sample in after if sample.cloud and sample.backlog <= 25), None)
    return _in_time("drained", first, seconds, targets.drain_s)


def _refused(during: Sequence[UnlockSample]) -> TargetResult:
    """Without the broker no lock opens: whoever asked was told so at once, and nothing opened afterwards."""
    late = sum(ride.done and ride.took_s > 10 for ride in during)
    return TargetResult("no_late_opening", late == 0, found=late)


def _devices_back(samples: Sequence[Sample], after: Sequence[Sample], seconds: int, targets: Targets) -> TargetResult:
    before = max((sample.online for sample in samples if sample.at_s < 0), default=0)
    first = next((sample for sample in after if sample.broker and sample.online >= before), None)
    return _in_time("devices_back", first, seconds, targets.back_s)


def _in_time(name: str, first: Sample | None, seconds: int, limit: float) -> TargetResult:
    """How long after the cut of so many seconds that second came; missed where it never did."""
    took = None if first is None else first.at_s - seconds
    return TargetResult(name, took is not None and took <= limit, limit, took)


def keep(data: Path, report: RehearsalReport) -> None:
    """Writes it, whole or not at all, and lets the oldest go. Raises `OSError`."""
    place = data / "rehearsals"
    place.mkdir(mode=0o700, exist_ok=True)
    path = place / f"{report.from_ms}-{report.id}.json"
    spare = path.with_suffix(".new")
    spare.write_bytes(msgspec.json.encode(report))
    spare.chmod(0o600)
    # The one that is written last is the newest, also where the clock went back since the others.
    after = max((each.stat().st_mtime_ns for each in place.glob("*.json")), default=0) + 1
    if spare.stat().st_mtime_ns < after:
        os.utime(spare, ns=(after, after))
    spare.replace(path)
    for old in _newest_first(place, "*.json")[KEPT:]:
        old.unlink(missing_ok=True)


def newest(data: Path, name: str | None = None) -> RehearsalReport | None:
    """Returns the newest report, or the one of this id."""
    try:
        found = _newest_first(data / "rehearsals", f"*-{name}.json" if name and name.isalnum() else "*.json")
    except OSError:
        return None
    return small_files.read(found[0], RehearsalReport) if found else None


def _newest_first(place: Path, pattern: str) -> list[Path]:
    """By when they were written; their names tell the time of a clock that may have been wrong. Raises `OSError`."""
    return sorted(place.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def curve(
    points: Sequence[tuple[float, float]], width: int, height: int, span: tuple[float, float]
) -> Mapping[str, str | float]:
    """Returns a line through these points as SVG coordinates, and its highest value."""
    top = max((value for _, value in points), default=0.0) or 1.0
    low, high = span
    marks = " ".join(
        f"{(at - low) / max(1.0, high - low) * width:.1f},{height - value / top * height:.1f}" for at, value in points
    )
    return {"points": marks, "top": top}
