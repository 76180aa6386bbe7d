"""Codes by camera: labelled photos, films of damaged codes, and what a picture costs.

`STOREKEEPER_PHOTOS` names the folder with the photos (`manifest.csv`, `film.py`, `score.py`); without it only
the hour without a code is watched. Films are made there by its `film.py`, 640 × 480, three seeds.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2

from device_drivers.scanners.decode import decode
from device_drivers.scanners.watching import Watcher
from tests.bench.report import Goal, arguments, percentile, show
from tests.device_drivers.scanners.films import code_free

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEEDS = (7, 11, 23)
FRAMES = 15
HOUR = 54_000
EVERY_S = 1 / 15


class Filmed(NamedTuple):
    """What came of the films of one seed."""

    codes: int
    in_four: int
    in_all: int
    wrong: int
    spent_ms: dict[str, list[float]]
    """CPU milliseconds a picture, by whom."""


def main() -> int:
    chosen = arguments(__doc__).parse_args()
    cv2.setNumThreads(1)
    show("A shop without a code", [code_free_goal(HOUR // 60 if chosen.quick else HOUR)])
    place = os.environ.get("STOREKEEPER_PHOTOS", "")
    if not place or not (Path(place) / "manifest.csv").is_file():
        print("STOREKEEPER_PHOTOS names no folder with labelled photos: no photos, no films")
        return 0
    folder = Path(place)
    score = scorer(folder)
    show("Photos", photos(folder, score, 150 if chosen.quick else 0))
    seeds = SEEDS[:1] if chosen.quick else SEEDS
    with tempfile.TemporaryDirectory() as films:
        found = [filmed(folder, Path(films) / str(seed), seed, score, quick=chosen.quick) for seed in seeds]
    show("Films", film_goals(found))
    return 0


def code_free_goal(frames: int) -> Goal:
    """Shelves, people and random bars, at 15 pictures a second."""
    watcher = Watcher()
    found = [
        code.read.text
        for number, picture in enumerate(code_free(frames, seed=1))
        for code in watcher.take(picture, number * EVERY_S)
    ]
    return Goal("an hour without a code announces nothing", f"{found or 'nothing'} in {frames}", "-", not found)


def photos(folder: Path, score: Any, limit: int) -> list[Goal]:
    """Ours and the peers on the same photos."""
    root, files = score.load_manifest(str(folder / "manifest.csv"))
    rates: dict[str, Any] = {}
    for name, function in {"ours": decode, **_peers(score)}.items():
        rates[name] = score.score(files, root, function, by=("source",), limit=limit)
        print(name, {source: f"{found['hit']}/{found['n']}" for source, found in rates[name]["groups"].items()})
    ours = rates["ours"]
    recall = {name: 100 * found["hit"] / found["n"] for name, found in rates.items()}
    wrong = {name: len(found["falses"]) for name, found in rates.items()}
    return [
        Goal(
            "photos: recall ≥ 88.5 %",
            ", ".join(f"{name} {value:.1f} %" for name, value in recall.items()),
            f"{recall['ours'] / recall['union']:.2f} of the union of three",
            recall["ours"] >= 88.5,
        ),
        Goal(
            "photos: at most 5 wrong reads",
            ", ".join(f"{name} {count}" for name, count in wrong.items()),
            f"{wrong['ours']} : {wrong['union']}",
            wrong["ours"] <= 5,
        ),
        Goal(
            "photos: CPU p50 and p95 (no target)",
            f"{ours['ms_median']:.1f} and {ours['ms_p95']:.0f} ms",
            _against(ours["ms_p95"], {name: found["ms_p95"] for name, found in rates.items() if name != "ours"}),
            None,
        ),
    ]


def filmed(folder: Path, place: Path, seed: int, score: Any, *, quick: bool) -> Filmed:
    """Makes the films of a seed and watches those of 640 × 480."""
    command = [sys.executable, str(folder / "film.py"), str(place), "--seed", str(seed), "--frames", str(FRAMES)]
    subprocess.run([*command, "--clips", "2" if quick else "14"], check=True, stdout=subprocess.DEVNULL)
    clips, wanted = _clips(place, score)
    counts = [0, 0, 0, 0]
    spent: dict[str, list[float]] = defaultdict(list)
    for clip, pictures in clips.items():
        found = _watch([cv2.imread(str(place / name)) for name in pictures], score, spent)
        counts[0] += len(wanted[clip])
        counts[1] += len({key for number, key in found if number < 4} & wanted[clip])
        counts[2] += len({key for _, key in found} & wanted[clip])
        counts[3] += len({key for _, key in found} - wanted[clip])
    return Filmed(*counts, spent)


def film_goals(found: Sequence[Filmed]) -> list[Goal]:
    """All seeds together; the ratios are to what one library costs on the same pictures, alone."""
    codes = sum(film.codes for film in found)
    four, late = (100 * sum(film[place] for film in found) / codes for place in (1, 2))
    wrong = sum(film.wrong for film in found)
    spent = {name: [ms for film in found for ms in film.spent_ms[name]] for name in found[0].spent_ms}
    goals = [
        Goal("films: right code within 4 frames ≥ 84 %", f"{four:.1f} % of {codes}", f"{four / 84:.2f}", four >= 84),
        Goal("films: within 15 frames ≥ 92 %", f"{late:.1f} %", f"{late / 92:.2f}", late >= 92),
        Goal("films: no wrong code announced", str(wrong), "-", not wrong),
    ]
    for percent, most in ((50, 8), (95, 33)):
        cost = {name: percentile(values, percent) for name, values in spent.items()}
        ours = cost.pop("ours")
        goals.append(Goal(f"films: CPU p{percent} ≤ {most} ms", f"{ours:.1f} ms", _against(ours, cost), ours <= most))
    return goals


def _watch(pictures: Sequence[Any], score: Any, spent: dict[str, list[float]]) -> list[tuple[int, str]]:
    watcher, found = Watcher(), []
    for number, picture in enumerate(pictures):
        began = time.thread_time()
        seen = watcher.take(picture, number * EVERY_S)
        spent["ours"].append((time.thread_time() - began) * 1000)
        found += [(number, score.canon(code.read.format, code.read.text)) for code in seen]
        for name in ("zxing", "pyzbar"):
            spent[name].append(_timed(_peers(score)[name], picture))
    return found


def _timed(function: Callable[[Any], Any], picture: Any) -> float:
    began = time.thread_time()
    function(picture)
    return (time.thread_time() - began) * 1000


def _clips(place: Path, score: Any) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    clips: dict[str, list[str]] = defaultdict(list)
    wanted: dict[str, set[str]] = defaultdict(set)
    with (place / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["res"] != "640x480":
                continue
            if row["file"] not in clips[row["clip"]]:
                clips[row["clip"]].append(row["file"])
            if row["symbology"] != "NONE":
                wanted[row["clip"]].add(score.canon(row["symbology"], row["text"]))
    return clips, wanted


def scorer(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _peers(score: Any) -> dict[str, Callable[[Any], Any]]:
    return {"zxing": score.zxing, "pyzbar": score.pyzbar, "union": score.union}


def _against(ours: float, others: dict[str, float]) -> str:
    return ", ".join(f"{ours / other:.2f} × {name}" for name, other in others.items())


if __name__ == "__main__":
    sys.exit(main())
