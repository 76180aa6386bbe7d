"""Frames without end: the decoder's memory has a ceiling, and no frame hangs it.

`STOREKEEPER_ROUNDS` says how many: 400 frames in `make test`, 100,000 in `make test-all`.
"""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import need
from tests.rounds import rounds

ROUNDS = rounds(50)
SEED = int(os.environ.get("STOREKEEPER_SEED", "7"))
FRAMES = 400 if ROUNDS < 1_000 else 100 * ROUNDS
MARKS = 20
"""How often the memory is looked at."""
ROOM = 24 * 2**20
"""Bytes that the second half may need more than the first: what allocators keep in hand, not what is lost."""
SLOWEST_S = 60.0
"""A frame that takes longer hangs: those here take some milliseconds, on a machine with much else to do."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900 + FRAMES // 4)]


def test_memory_is_bounded_however_many_frames_come(tmp_path: Path) -> None:
    for part in ("cv2", "zxingcpp", "psutil"):
        need(part)
    root = Path(__file__).parents[2]
    # A process of its own: nothing else may grow in it.
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.test_scanner_soak", str(FRAMES), str(SEED)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    told = json.loads(run.stdout.splitlines()[-1])
    print(f"\n{told}")
    resident = told["resident"]
    assert len(resident) == MARKS
    first, second = resident[2 : MARKS // 2], resident[MARKS // 2 :]
    assert max(second) - max(first) < ROOM, resident
    assert told["slowest_ms"] < SLOWEST_S * 1000
    # The frames were worth it: some said something, most did not.
    assert 0.1 * FRAMES < told["read"] < 0.95 * FRAMES


def soak(frames: int, seed: int) -> dict[str, object]:
    """Decodes so many frames of all sizes and kinds; memory in bytes at `MARKS` moments, evenly apart."""
    import numpy as np
    import psutil

    from device_drivers.scanners.decode import decode
    from tests.device_drivers.scanners.written import SAMPLES, bgr, damaged, structured_append, written

    rng = np.random.default_rng(seed)
    stock = [
        written(symbology, text, 1 + scale % 2, **options) for scale, (symbology, text, options) in enumerate(SAMPLES)
    ]
    stock += [*structured_append(), rng.integers(0, 256, (96, 128), np.uint8), np.full((96, 128), 128, np.uint8)]
    process, resident, read, slowest = psutil.Process(), [], 0, 0.0
    for frame in range(frames):
        gray = stock[int(rng.integers(len(stock)))]
        if frame % 4 == 0:
            gray = damaged(gray, rng, most=2)
        gray = gray[:160, :240]
        if frame % 50 == 0:
            faulthandler.dump_traceback_later(SLOWEST_S * 10, exit=True)
        began = time.perf_counter()
        read += bool(decode(bgr(np.ascontiguousarray(gray))))
        slowest = max(slowest, time.perf_counter() - began)
        if (frame + 1) % (frames // MARKS) == 0:
            resident.append(process.memory_info().rss)
            print(f"{frame + 1} frames: {resident[-1] >> 20} MiB", file=sys.stderr, flush=True)
    faulthandler.cancel_dump_traceback_later()
    return {"frames": frames, "seed": seed, "read": read, "slowest_ms": round(slowest * 1000), "resident": resident}


if __name__ == "__main__":
    print(json.dumps(soak(int(sys.argv[1]), int(sys.argv[2]))))
