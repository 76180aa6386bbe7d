"""What atheris runs: bytes become a picture, a damaged code or a text of unknown charset; nothing may break.

`python tests/fuzz/fuzz_decode.py -max_total_time=60`
"""

from __future__ import annotations

import sys

import atheris
import numpy as np

with atheris.instrument_imports(include=["device_drivers.scanners"]):
    from device_drivers.scanners import charsets
    from device_drivers.scanners.decode import decode

from tests.device_drivers.scanners.written import SAMPLES, bgr, damaged, written


def one(data: bytes) -> None:
    """One input of atheris."""
    wishes = atheris.FuzzedDataProvider(data)
    kind = wishes.ConsumeIntInRange(0, 3)
    if kind == 0:
        charsets.text_of(wishes.ConsumeBytes(2000))
    elif kind == 1:
        charsets.text_with_switches(wishes.ConsumeBytes(2000))
    elif kind == 2:
        width = wishes.ConsumeIntInRange(1, 200)
        pixels = np.frombuffer(wishes.ConsumeBytes(4000), np.uint8)
        height = len(pixels) // width
        if height:
            decode(bgr(np.ascontiguousarray(pixels[: height * width].reshape(height, width))))
    else:
        symbology, text, options = SAMPLES[wishes.ConsumeIntInRange(0, len(SAMPLES) - 1)]
        rng = np.random.default_rng(wishes.ConsumeInt(4) & 0xFFFFFFFF)
        decode(bgr(damaged(written(symbology, text, wishes.ConsumeIntInRange(1, 3), **options), rng)))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
