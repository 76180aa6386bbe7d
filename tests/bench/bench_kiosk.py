"""A screen's window beside Kivy alone at the same size, in the same run, without a display (software drawing).

    python -m tests.bench.bench_kiosk [--quick]

The first picture counts from the start of the process, Python and Kivy within; a tap from the finger that is lifted to
the frame that shows what it did. The day of the loop that attracts is simulated: its clock is moved on by hand.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tests.bench.place import on_disk
from tests.bench.report import Goal, arguments, percentile, show

FIRST_S: Final = 2.0
MEMORY_MB: Final = 220.0
TAP_S: Final = 0.050
SCAN_S: Final = 0.150
"""Beyond a frame of Kivy's bare loop; from the answer of the gateway on."""
SCROLL: Final = 0.8
STILL: Final = 0.03
GROWTH_MB: Final = 6.0
"""What a day may add: less than a picture of the glass."""


def child(what: str, folder: Path) -> dict[str, Any]:
    """What a window of its own process found."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.kiosk_window", what, str(folder)],
        env=os.environ | {"SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    quick = arguments(__doc__).parse_args().quick
    rounds, day = (1, 3600) if quick else (5, 86_400)
    with on_disk() as folder:
        ours, bare = [], []
        for number in range(rounds):
            bare.append(child("bare", folder / "bare"))
            ours.append(child("kiosk", folder / "kiosk"))
            print(f"  round {number + 1}: {line(ours[-1])}; bare {line(bare[-1])}", flush=True)
        show("Screen", judge(ours, bare, child(str(day), folder / "day"), day))


def line(found: dict[str, Any]) -> str:
    """One round in words."""
    return (
        f"first {found['first_s']:.2f} s, tap {both(found['taps_s'])}, a frame {both([found['frame_s']])},"
        f" {found['memory_mb']:.0f} MB"
    )


def both(found: list[Any]) -> str:
    """The 95th percentile by the clock, and what of it is the processors' own."""
    clock, processor = (percentile([each[which] for each in found], 95) * 1e3 for which in (0, 1))
    return f"p95 {clock:.0f} ms, of the processors {processor:.0f}"


def middle(found: list[dict[str, Any]], name: str) -> float:
    """The median of the rounds."""
    return statistics.median(each[name] for each in found)


def judge(ours: list[dict[str, Any]], bare: list[dict[str, Any]], day: dict[str, Any], seconds: int) -> list[Goal]:
    """The goals of the project."""
    first, floor = middle(ours, "first_s"), middle(bare, "first_s")
    memory, least = max(each["memory_mb"] for each in ours), middle(bare, "memory_mb")
    taps, plain = ([took for each in rounds for took in each["taps_s"]] for rounds in (ours, bare))
    tap, button = (percentile([took[0] for took in each], 95) for each in (taps, plain))
    scans = [took for each in ours for took in each["scans_s"]]
    scan, frame = percentile([took[0] for took in scans], 95), statistics.median(each["frame_s"][0] for each in bare)
    ratio, flick = (
        statistics.median(b["frame_s"][0] / a[how][0] for a, b in zip(ours, bare, strict=True))
        for how in ("frame_s", "flick_s")
    )
    most, in_use = (max(each[when] for each in ours) for when in ("most_mb", "in_use_mb"))
    stood = [second for each in ours for second in each["still"]]
    still, with_changes = statistics.median(stood), statistics.mean(stood)
    sizes = day["memory_mb"]
    grown = statistics.mean(sizes[-3:]) - statistics.mean(sizes[: max(3, len(sizes) // 8)][-3:])
    return [
        Goal(
            "start to the first useful picture < 2 s", f"{first:.2f} s", f"{first / floor:.2f} × Kivy", first < FIRST_S
        ),
        Goal("resident < 220 MB", f"{memory:.0f} MB", f"{memory / least:.2f} × Kivy", memory < MEMORY_MB),
        Goal(
            f"tap to frame p95 < 50 ms, {len(taps)} taps that change the place or the letters",
            both(taps),
            f"{tap / button:.1f} × a bare button",
            tap < TAP_S,
        ),
        Goal(
            f"a product on the glass p95 < 150 ms beyond a frame, {len(scans)} scans",
            f"{both(scans)}; a bare frame {frame * 1e3:.0f} ms",
            "",
            scan - frame < SCAN_S,
        ),
        Goal(
            "resident < 220 MB in use: 40 taps, a moved list, a tap and a pause",
            f"{in_use:.0f} MB; {most:.0f} MB right after the list",
            "",
            in_use < MEMORY_MB,
        ),
        Goal(
            "60 offers moved as by a finger ≥ 0.8 × the frames of Kivy's bare loop",
            both([each["flick_s"] for each in ours]),
            f"{flick:.2f} ×",
            flick >= SCROLL,
        ),
        Goal(
            "60 offers moved by nine tenths of a row a frame ≥ 0.8 × the frames of Kivy's bare loop",
            both([each["frame_s"] for each in ours]),
            f"{ratio:.2f} ×",
            ratio >= SCROLL,
        ),
        Goal(
            "an item that stands still < 3 % of a core",
            f"{still * 100:.1f} %; {with_changes * 100:.1f} % with the changes from item to item",
            "",
            still < STILL,
        ),
        Goal(
            f"{seconds // 3600} simulated hours of the loop without growth",
            f"{grown:+.1f} MB after the first eighth, at most {day['most_mb']:.0f} MB",
            "",
            grown < GROWTH_MB,
        ),
    ]


if __name__ == "__main__":
    main()
